import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { functionNode, graphOf, PEOPLE } from './graph';
import { layOut, path } from './layout';
import type { MeshFunction, Topology } from './topology';

/** Enough of a manifest for these tests: names, and which topics and documents stand in it. */
function manifests(): Topology {
  const functions = new URL('../../../../', import.meta.url);
  const read = (name: string): MeshFunction | undefined => {
    const file = new URL(`${name}/function.yaml`, functions);
    const text = readIfThere(file);
    if (text === undefined) return undefined;
    const list = (key: string): string[] =>
      (text.match(new RegExp(`^${key}:\\s*\\[(.*)\\]`, 'm'))?.[1] ?? '').split(',').map((one) => one.trim()).filter(Boolean);
    const triggers: MeshFunction['triggers'] = [
      ...[...text.matchAll(/topic: ([\w-]+)/g)].map(([, topic = '']) => ({ id: topic, kind: 'pubsub' as const, topic })),
      ...[...text.matchAll(/document: "([^"]+)"/g)].map(([, document = '']) => ({ id: document, kind: 'firestore' as const, event: 'written', document })),
      ...[...text.matchAll(/callers: \[([^\]]+)\]/g)].map(([, callers = '']) => ({ id: 'api', kind: 'http' as const, callers: callers.split(', ') as ('users' | 'services' | 'public')[] })),
    ];
    return { name, summary: '', triggers, calls: list('calls'), publishes: list('publishes') };
  };
  return { functions: readdirSync(functions).map(read).filter((one) => one !== undefined) };
}

function readIfThere(file: URL): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

describe('the map of the functions that there are', () => {
  const topology = manifests();
  const graph = graphOf(topology);
  const layout = layOut(graph);

  it('has every function', () => {
    expect(topology.functions.length).toBeGreaterThan(4);
    for (const { name } of topology.functions) expect(layout.nodes.some(({ id }) => id === functionNode(name))).toBe(true);
  });
  it('shows that people reach the API, and that it calls others', () => {
    expect(graph.edges).toContainEqual({ from: PEOPLE, to: 'function:firebase-proxy', kind: 'http' });
    expect(graph.edges).toContainEqual({ from: 'function:firebase-proxy', to: 'function:iam-control', kind: 'http' });
    expect(graph.edges).toContainEqual({ from: 'documents:assets', to: 'function:audit-engine', kind: 'document' });
  });
  it('lets nothing overlap, and is always the same', () => {
    for (const [index, one] of layout.nodes.entries()) {
      for (const other of layout.nodes.slice(index + 1)) {
        const apart = Math.abs(one.x - other.x) >= (one.width + other.width) / 2 || Math.abs(one.y - other.y) >= (one.height + other.height) / 2;
        expect(apart, `${one.id} and ${other.id}`).toBe(true);
      }
    }
    const reversed = { functions: [...topology.functions].reverse() };
    expect(layOut(graphOf(reversed))).toEqual(layout);
  });
});

describe('a path', () => {
  it('has round corners, and none at its ends', () => {
    const drawn = path([{ x: 0, y: 0 }, { x: 20, y: 0 }, { x: 20, y: 4 }]);
    expect(drawn).toBe('M0.0 0.0L12.0 0.0Q20.0 0.0 20.0 2.0L20.0 4.0');
  });
});
