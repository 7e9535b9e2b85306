import dagre from '@dagrejs/dagre';
import { key, type Graph, type Node } from './graph';

export interface Box {
  width: number;
  height: number;
}

/** A node in its layer; layers count from the left, from who calls to who is called. */
export interface Layered extends Node, Box {
  layer: number;
  /** Its middle, from the top. */
  y: number;
}

export interface Layers {
  nodes: Layered[];
  height: number;
  /** Of each edge: at which heights it passes the layers between its ends, in its own direction. */
  passes: Map<string, number[]>;
}

/** Between two nodes that stand above each other, and between a node and an edge that passes it. */
const APART = 22;
const PASSING_APART = 16;

/** Puts who calls to the left of who is called, so that few edges cross. */
export function inLayers(graph: Graph, sizes: ReadonlyMap<string, Box>): Layers {
  const drawn = new dagre.graphlib.Graph();
  drawn.setGraph({ rankdir: 'LR', nodesep: APART, edgesep: PASSING_APART, ranksep: 64, ranker: 'network-simplex' });
  drawn.setDefaultEdgeLabel(() => ({}));
  for (const { id } of graph.nodes) drawn.setNode(id, { ...sizes.get(id) });
  for (const { from, to } of graph.edges) drawn.setEdge(from, to);
  dagre.layout(drawn);

  const columns = [...new Set(graph.nodes.map(({ id }) => Math.round(drawn.node(id).x)))].sort((left, right) => left - right);
  const layerOf = (id: string): number => columns.indexOf(Math.round(drawn.node(id).x));
  const passes = graph.edges.map((edge): [string, number[]] => {
    const [first, last] = [layerOf(edge.from), layerOf(edge.to)];
    const between = columns.slice(Math.min(first, last) + 1, Math.max(first, last));
    const { points } = drawn.edge(edge.from, edge.to);
    const heights = between.map((x) => nearest(points, x));
    return [key(edge), first < last ? heights : heights.reverse()];
  });
  return {
    nodes: graph.nodes.map((node) => {
      const { y, width, height } = drawn.node(node.id);
      return { ...node, width, height, y, layer: layerOf(node.id) };
    }),
    height: drawn.graph().height ?? 0,
    passes: new Map(passes),
  };
}

function nearest(points: readonly { x: number; y: number }[], x: number): number {
  const [first, ...rest] = points;
  const found = rest.reduce((best, point) => (best && Math.abs(best.x - x) <= Math.abs(point.x - x) ? best : point), first);
  return found?.y ?? 0;
}
