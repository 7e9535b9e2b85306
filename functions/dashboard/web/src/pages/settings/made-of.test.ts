import { describe, expect, it } from 'vitest';
import type { Instance } from '../../documents/instance';
import { RUNS_MS } from '../overrides/applied';
import { partsOf } from './made-of';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const ago = (ms: number) => new Date(NOW - ms).toISOString();
const fn = (name: string) => ({ name, summary: `does ${name}`, triggers: [], calls: [], publishes: [] });
const instance = (name: string, started: number, seen: number, build: Partial<Instance> = {}): Instance => ({
  function: name,
  started_at: ago(started),
  seen_at: ago(seen),
  ...build,
});

describe('what the mesh is made of', () => {
  it('counts the instances that run, and tells when the newest started', () => {
    const [part] = partsOf([fn('iam-control')], [instance('iam-control', 90_000, 5_000), instance('iam-control', 40_000, RUNS_MS)], NOW);
    expect(part).toEqual({ name: 'iam-control', summary: 'does iam-control', builds: [], instances: 2, renewed: ago(40_000) });
  });
  it('counts no instance that fell silent', () => {
    const [part] = partsOf([fn('iam-control')], [instance('iam-control', 900_000, RUNS_MS + 1)], NOW);
    expect(part).toMatchObject({ instances: 0, renewed: undefined });
  });
  it('tells one that never says that it runs from one that sleeps', () => {
    const parts = partsOf([fn('iam-control'), fn('dashboard')], [instance('iam-control', 9e6, 9e6)], NOW);
    expect(parts.map(({ name, instances }) => [name, instances])).toEqual([
      ['dashboard', undefined],
      ['iam-control', 0],
    ]);
  });
  it('names each build that runs once, the newest first', () => {
    const [old, renewed] = [{ version: '0.1.0', revision: 'a-1' }, { version: '0.2.0', revision: 'a-2' }];
    const all = [instance('a', 90_000, 0, old), instance('a', 50_000, 0, renewed), instance('a', 40_000, 0, renewed)];
    expect(partsOf([fn('a')], all, NOW)[0]?.builds).toEqual(['0.2.0, a-2', '0.1.0, a-1']);
  });
  it('names the build that ran last when none runs, and none that was not told', () => {
    const gone = [instance('a', 9e6, 9e6, { version: '0.1.0' }), instance('a', 8e6, 8e6, { version: '0.2.0' })];
    expect(partsOf([fn('a')], gone, NOW)[0]?.builds).toEqual(['0.2.0']);
    expect(partsOf([fn('a')], [instance('a', 0, 0)], NOW)[0]?.builds).toEqual([]);
  });
});
