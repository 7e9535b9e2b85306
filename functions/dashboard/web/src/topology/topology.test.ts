import { describe, expect, it } from 'vitest';
import { functionNode, graphOf, key, PEOPLE, type Edge } from './graph';
import { layOut, type Layout, type Placed, type Routed } from './layout';
import { manifests } from './manifests.fixture';
import type { MeshFunction } from './topology';

const topology = manifests();
const graph = graphOf(topology);
const edge = (from: string, to: string): Edge | undefined => graph.edges.find((one) => one.from === from && one.to === to);

describe('the map of the functions that there are', () => {
  it('has every function', () => {
    expect(topology.functions.length).toBeGreaterThan(4);
    expect(graph.nodes.filter(({ kind }) => kind === 'function').map(({ names: [name] }) => name)).toEqual(
      topology.functions.map(({ name }) => name).sort(),
    );
  });
  it('leads to every trigger that somebody sets off, and marks the schedules on their function', () => {
    for (const { name, triggers } of topology.functions) {
      const reached = graph.edges.filter(({ to }) => to === functionNode(name)).flatMap((one) => one.triggers);
      const by = (schedule: boolean): string[] => triggers.filter(({ kind }) => (kind === 'schedule') === schedule).map(({ id }) => id);
      expect([...new Set(reached)].sort(), name).toEqual(by(false).sort());
      expect(graph.nodes.find(({ id }) => id === functionNode(name))?.schedules).toEqual(by(true));
    }
  });
  it('shows that people reach the API, and that it calls others', () => {
    expect(edge(PEOPLE, 'function:firebase-proxy')).toMatchObject({ kind: 'http', triggers: ['api'] });
    expect(edge('function:firebase-proxy', 'function:iam-control')).toMatchObject({ kind: 'http', triggers: ['api'] });
  });
  it('draws collections as one that lead to the same functions', () => {
    const assets = graph.nodes.find(({ kind, names }) => kind === 'document' && names.includes('assets'));
    expect(assets?.names).toContain('journal');
    expect(edge(assets?.id ?? '', 'function:audit-engine')?.triggers).toContain('estate-changed');
  });
});

describe('its layout', () => {
  it('is sound', () => expectSound(layOut(graph)));
  it('is always the same', () => {
    expect(layOut(graphOf({ functions: [...topology.functions].reverse() }))).toEqual(layOut(graph));
  });
  it('leads from left to right', () => {
    for (const { end } of layOut(graph).edges) expect(end.forward).toBe(true);
  });
  it('is sound where functions call each other in a circle, and where nothing connects them', () => {
    const one = (name: string, calls: string[], more: Partial<MeshFunction> = {}): MeshFunction => ({
      name,
      summary: '',
      triggers: [{ id: 'api', kind: 'http', callers: ['services'] }],
      calls,
      publishes: [],
      ...more,
    });
    expectSound(layOut(graphOf({ functions: [one('a', ['b']), one('b', ['c']), one('c', ['a', 'c'])] })));
    const echo = one('echo', [], { triggers: [{ id: 'said', kind: 'pubsub', topic: 'said' }], publishes: ['said'] });
    expectSound(layOut(graphOf({ functions: [echo, one('alone', [])] })));
    expectSound(layOut(graphOf({ functions: [] })));
  });
});

const NOWHERE = { x: NaN, y: NaN, width: 0, height: 0 };

/** Nodes stand apart, edges end at nodes, and lead through none. */
function expectSound({ nodes, edges, width, height }: Layout): void {
  for (const [index, one] of nodes.entries()) {
    expect(one.x >= 0 && one.y >= 0 && one.x + one.width <= width && one.y + one.height <= height, one.id).toBe(true);
    for (const other of nodes.slice(index + 1)) {
      const apart =
        one.x + one.width <= other.x || other.x + other.width <= one.x || one.y + one.height <= other.y || other.y + other.height <= one.y;
      expect(apart, `${one.id} and ${other.id}`).toBe(true);
    }
  }
  for (const drawn of edges) {
    const at = (id: string): Placed | typeof NOWHERE => nodes.find((node) => node.id === id) ?? NOWHERE;
    const [from, to] = [at(drawn.from), at(drawn.to)];
    const points = pointsOf(drawn);
    const first: Spot = points[0] ?? [NaN, NaN];
    const last: Spot = points.at(-1) ?? [NaN, NaN];
    expect([from.x, from.x + from.width], key(drawn)).toContain(first[0]);
    expect([to.x, to.x + to.width], key(drawn)).toContain(last[0]);
    expect(first[1] > from.y && first[1] < from.y + from.height && last[1] > to.y && last[1] < to.y + to.height, key(drawn)).toBe(true);
    points.slice(1).forEach((point, index) => {
      const before = points[index] ?? point;
      for (const node of nodes) {
        const over = (axis: 0 | 1, low: number, high: number): boolean => Math.max(before[axis], point[axis]) > low && Math.min(before[axis], point[axis]) < high;
        expect(over(0, node.x, node.x + node.width) && over(1, node.y, node.y + node.height), `${key(drawn)} leads through ${node.id}`).toBe(false);
      }
    });
  }
}

/** The points that a path goes through, corners included. */
type Spot = [number, number];
const pointsOf = ({ path }: Routed): Spot[] =>
  [...path.matchAll(/(-?[\d.]+) (-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
