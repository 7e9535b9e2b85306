import { describe, expect, it } from 'vitest';
import type { Instance } from '../../documents/instance';
import type { Stored } from '../../live/live.svelte';
import type { MeshFunction } from '../../topology/topology';
import { byTrigger, sum } from './figures';
import { running } from './functions';
import type { Watched } from './standing';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const at = (secondsAgo: number): string => new Date(NOW - secondsAgo * 1_000).toISOString();
const instance = (id: string, triggers?: Instance['triggers'], seenSecondsAgo = 0): Stored<Instance> => ({
  id,
  function: 'engine',
  started_at: at(900),
  seen_at: at(seenSecondsAgo),
  ...(triggers ? { counted_since: at(seenSecondsAgo + 30), triggers } : {}),
});

describe('figures', () => {
  it('are sums over instances, by the minute', () => {
    const found = byTrigger([
      instance('a', { written: { handled: 9, failed: 1, lag_p50_ms: 10 } }),
      instance('b', { written: { handled: 5, failed: 0, lag_p50_ms: 90 }, api: { handled: 5, failed: 0 } }),
    ]);
    expect(sum(found, ['written'])).toEqual({ perMinute: 30, failed: 1, lagMs: 10 });
    expect(sum(found, ['written', 'api'])?.perMinute).toBe(40);
    expect(sum(found, ['api'])?.lagMs).toBeUndefined();
  });
  it('are nought where an instance says that nothing came', () => {
    expect(sum(byTrigger([instance('a', {})]), ['written'])).toEqual({ perMinute: 0, failed: 0, lagMs: undefined });
  });
  it('are none where no instance says', () => expect(sum(byTrigger([instance('a')]), ['written'])).toBeUndefined());
});

describe('a function', () => {
  const engine: MeshFunction = { name: 'engine', summary: '', triggers: [{ id: 'written', kind: 'pubsub', topic: 't' }], calls: [], publishes: [] };
  const word = (instances: Stored<Instance>[], watched: Partial<Watched>[] = []): string | undefined =>
    running([engine], instances, watched as Watched[], NOW)[0]?.word;

  it('is as its check finds it', () => {
    expect(word([instance('a')], [{ service: 'engine', state: 'down' }])).toBe('Down');
    expect(word([], [{ service: 'engine', state: 'up' }])).toBe('Up');
    expect(word([instance('a')], [{ service: 'other', state: 'down' }])).toBe('Runs');
  });
  it('says when something failed, even where its check finds it up', () => {
    expect(word([instance('a', { written: { handled: 1, failed: 2 } })], [{ service: 'engine', state: 'up' }])).toBe('2 failed');
  });
  it('runs while an instance says so, and one that was silent for too long is gone', () => {
    expect(word([instance('a', {}, 130)])).toBe('Runs');
    expect(word([instance('a', {}, 131)])).toBe('Asleep');
    expect(word([])).toBe('Not watched');
  });
});
