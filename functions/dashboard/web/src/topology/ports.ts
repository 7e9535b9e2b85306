import { key, type Edge } from './graph';
import type { Layered, Layers } from './layers';

/** Where each edge leaves a node, and where it arrives, from the top. */
export interface Ports {
  leaves: Map<string, number>;
  arrives: Map<string, number>;
}

/** Between two ports: arrowheads do not touch. */
export const PORTS_APART = 11;
/** What stays free at the ends of a side, where it is round. */
const END = 9;

interface Port {
  wanted: number;
  edges: string[];
  into: Map<string, number>;
}

/** Gives each edge its place on the sides of its nodes, as straight before the other end as there is room. */
export function place(edges: readonly Edge[], { nodes, passes }: Layers): Ports {
  const at = new Map(nodes.map((node) => [node.id, node]));
  const ports: Ports = { leaves: new Map(), arrives: new Map() };
  const find = (id: string): Layered => {
    const node = at.get(id);
    if (!node) throw new Error(`an edge ends at \`${id}\`, which is no node`);
    return node;
  };
  // First where edges leave: those of one kind leave together, so that what one node does reads as one line.
  const leaving = new Sides();
  for (const edge of edges) {
    const [from, to] = [find(edge.from), find(edge.to)];
    const next = passes.get(key(edge))?.[0] ?? to.y;
    leaving.add(from, to.layer > from.layer ? 'right' : 'left', { wanted: next, edges: [key(edge)], into: ports.leaves }, edge.kind);
  }
  leaving.settle();
  const arriving = new Sides();
  for (const edge of edges) {
    const [from, to] = [find(edge.from), find(edge.to)];
    const before = passes.get(key(edge))?.at(-1) ?? ports.leaves.get(key(edge)) ?? from.y;
    arriving.add(to, to.layer > from.layer ? 'left' : 'right', { wanted: before, edges: [key(edge)], into: ports.arrives }, key(edge));
  }
  arriving.settle();
  return ports;
}

/** The sides of nodes with the ports on each. */
class Sides {
  private readonly sides = new Map<string, { node: Layered; ports: Map<string, Port[]> }>();

  add(node: Layered, side: string, port: Port, together: string): void {
    const id = `${node.id} ${side}`;
    const found = this.sides.get(id) ?? { node, ports: new Map<string, Port[]>() };
    this.sides.set(id, found);
    found.ports.set(together, [...(found.ports.get(together) ?? []), port]);
  }

  settle(): void {
    for (const { node, ports } of this.sides.values()) {
      const groups = [...ports.values()];
      const wanted = groups.map((group) => group.reduce((sum, one) => sum + one.wanted, 0) / group.length);
      const heights = spread(wanted, node.y - node.height / 2 + END, node.y + node.height / 2 - END);
      groups.forEach((group, index) => {
        for (const { edges, into } of group) for (const edge of edges) into.set(edge, heights[index] ?? node.y);
      });
    }
  }
}

/** Places as near to what is wanted as a side permits, in the same order and with room between them. */
export function spread(wanted: readonly number[], low: number, high: number): number[] {
  const apart = Math.min(PORTS_APART, (high - low) / Math.max(1, wanted.length - 1));
  const order = wanted.map((_, index) => index).sort((left, right) => (wanted[left] ?? 0) - (wanted[right] ?? 0) || left - right);
  const placed = order.map((index) => Math.min(high, Math.max(low, wanted[index] ?? low)));
  for (let index = 1; index < placed.length; index += 1) {
    placed[index] = Math.max(placed[index] ?? low, (placed[index - 1] ?? low) + apart);
  }
  let most = high;
  for (let index = placed.length - 1; index >= 0; index -= 1) {
    placed[index] = Math.min(placed[index] ?? high, most);
    most = (placed[index] ?? high) - apart;
  }
  const heights: number[] = [];
  order.forEach((index, rank) => (heights[index] = placed[rank] ?? low));
  return heights;
}
