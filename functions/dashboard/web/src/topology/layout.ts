import { key, type Edge, type Graph, type Node } from './graph';
import { inLayers, type Box } from './layers';
import { LINE } from './line';
import { path, type Point } from './path';
import { place, PORTS_APART } from './ports';
import { route } from './route';

export interface Placed extends Node {
  /** The upper left corner. */
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Routed extends Edge {
  /** An SVG path from the border of one node to that of the other. */
  path: string;
  /** Where it ends, and whether it arrives from the left. */
  end: Point & { forward: boolean };
  /** The middle of its longest level part: there its words fit best. */
  middle: Point;
}

export interface Layout {
  width: number;
  height: number;
  nodes: Placed[];
  edges: Routed[];
}

/** What a letter of the map takes at most, and what stands around a name: a mark before it, and room. */
const LETTER = 6.7;
const AROUND = 46;
const LEAST = 128;
/** A function has a second line, which says how it is. */
const FUNCTION = 48;
const PEOPLE = 36;
/** For the line around nodes, and for what shows that one is focused. */
const MARGIN = 4;

/** Lays a graph out. The same graph always looks the same. */
export function layOut(graph: Graph): Layout {
  const layers = inLayers(graph, sizes(graph));
  const ports = place(graph.edges, layers);
  const { columns, width, points } = route(graph.edges, layers, ports);
  return {
    width: width + 2 * MARGIN,
    height: layers.height + 2 * MARGIN,
    nodes: layers.nodes.map(({ layer, y, height, ...node }) => {
      // Nodes above each other are equally wide: a layer reads as a column, and edges end in one line.
      const { left, right } = columns[layer] ?? { left: 0, right: node.width };
      return { ...node, x: left + MARGIN, y: y - height / 2 + MARGIN, width: right - left, height };
    }),
    edges: graph.edges.map((edge) => {
      const drawn = (points.get(key(edge)) ?? []).map(({ x, y }) => ({ x: x + MARGIN, y: y + MARGIN }));
      const [before, last] = [drawn.at(-2), drawn.at(-1)];
      const end = { x: last?.x ?? 0, y: last?.y ?? 0, forward: (before?.x ?? 0) <= (last?.x ?? 0) };
      return { ...edge, path: path(drawn), end, middle: middleOf(drawn) };
    }),
  };
}

function sizes(graph: Graph): Map<string, Box> {
  const ends = (id: string): number =>
    Math.max(graph.edges.filter(({ to }) => to === id).length, new Set(graph.edges.filter(({ from }) => from === id).map(({ kind }) => kind)).size);
  return new Map(
    graph.nodes.map(({ id, kind, names }) => {
      const longest = Math.max(0, ...names.map((name) => name.length));
      const lines = kind === 'function' ? FUNCTION : kind === 'people' ? PEOPLE : names.length * LINE + 14;
      const width = kind === 'people' ? 96 : Math.max(kind === 'function' ? LEAST : 0, Math.ceil(longest * LETTER) + AROUND);
      return [id, { width, height: Math.max(lines, (ends(id) + 1) * PORTS_APART) }];
    }),
  );
}

function middleOf(points: readonly Point[]): Point {
  let [middle, longest] = [{ x: 0, y: 0 }, -1];
  points.slice(1).forEach((point, index) => {
    const before = points[index] ?? point;
    const length = before.y === point.y ? Math.abs(point.x - before.x) : 0;
    if (length > longest) [middle, longest] = [{ x: (before.x + point.x) / 2, y: (before.y + point.y) / 2 }, length];
  });
  return middle;
}
