import { describe, expect, it } from 'vitest';
import { graphOf } from '../../topology/graph';
import type { Topology } from '../../topology/topology';
import { running } from './functions';
import { pageOf } from './links';
import { nameOf, reach } from './reach';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const topology: Topology = {
  functions: [
    { name: 'proxy', summary: '', triggers: [{ id: 'api', kind: 'http', callers: ['users'] }], calls: [], publishes: ['asked'] },
    { name: 'engine', summary: '', triggers: [{ id: 'asked', kind: 'pubsub', topic: 'asked' }], calls: [], publishes: [] },
  ],
};
const triggers = { asked: { handled: 1, failed: 1, lag_p50_ms: 1_500 } };
const engine = { id: 'engine-1', function: 'engine', started_at: '', seen_at: '2026-11-23T12:00:00Z', counted_since: '2026-11-23T11:59:00Z', triggers };

describe('the map in words', () => {
  const graph = graphOf(topology);
  const functions = running(topology.functions, [engine], [], NOW);
  const said = (name: string) => {
    const { by, to } = reach(name, graph, functions);
    return [by, to].map((all) => all.map(({ other, words }) => `${nameOf(other)} ${words}`));
  };

  it('says who reaches a function, and how much comes', () => {
    expect(said('engine')).toEqual([['asked by a message, 2 a minute, lag 1.5 s, 1 failed'], []]);
  });
  it('says that there are no figures where nobody counts', () => {
    expect(said('proxy')).toEqual([['People by HTTP, no figures'], ['asked by a message']]);
  });
});

describe('what a node leads to', () => {
  it('is the page of a collection, for those who may open it', () => {
    expect(pageOf('document', 'incidents', () => true)).toBe('/incidents');
    expect(pageOf('document', 'incidents', () => false)).toBeUndefined();
    expect(pageOf('document', 'canaries', () => true)).toBeUndefined();
  });
});
