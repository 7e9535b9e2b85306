import dagre from '@dagrejs/dagre';
import type { Edge, Graph, Node } from './graph';

export interface Placed extends Node {
  /** The middle. */
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Routed extends Edge {
  /** An SVG path from the border of one node to that of the other. */
  path: string;
}

export interface Layout {
  width: number;
  height: number;
  nodes: Placed[];
  edges: Routed[];
}

const HEIGHT = 34;
/** What a letter of the map takes, and what stands around a name. */
const LETTER = 7;
const AROUND = 44;
const CORNER = 8;

/** Puts who calls to the left of who is called, in layers. */
export function layOut(graph: Graph): Layout {
  const drawn = new dagre.graphlib.Graph();
  drawn.setGraph({ rankdir: 'LR', nodesep: 14, ranksep: 56, marginx: 2, marginy: 2, ranker: 'network-simplex' });
  drawn.setDefaultEdgeLabel(() => ({}));
  for (const node of graph.nodes) {
    drawn.setNode(node.id, { width: Math.round(node.name.length * LETTER + AROUND), height: HEIGHT });
  }
  for (const edge of graph.edges) drawn.setEdge(edge.from, edge.to);
  dagre.layout(drawn);
  const { width = 0, height = 0 } = drawn.graph();
  return {
    width,
    height,
    nodes: graph.nodes.map((node) => {
      const { x, y, width, height } = drawn.node(node.id);
      return { ...node, x, y, width, height };
    }),
    edges: graph.edges.map((edge) => ({ ...edge, path: path(drawn.edge(edge.from, edge.to).points) })),
  };
}

interface Point {
  x: number;
  y: number;
}

/** Joins points with straight lines whose corners are round. */
export function path(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (!first) return '';
  const parts = [`M${at(first)}`];
  rest.forEach((point, index) => {
    const next = rest[index + 1];
    const before = index === 0 ? first : rest[index - 1];
    if (!next || !before) parts.push(`L${at(point)}`);
    else parts.push(`L${at(towards(point, before))}`, `Q${at(point)} ${at(towards(point, next))}`);
  });
  return parts.join('');
}

/** The point on the way to another at which a corner begins. */
function towards(from: Point, to: Point): Point {
  const [x, y] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(x, y) || 1;
  const share = Math.min(CORNER, length / 2) / length;
  return { x: from.x + x * share, y: from.y + y * share };
}

const at = ({ x, y }: Point): string => `${x.toFixed(1)} ${y.toFixed(1)}`;
