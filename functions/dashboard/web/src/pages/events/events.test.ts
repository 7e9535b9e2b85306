import { describe, expect, it } from 'vitest';
import type { Row } from './feed.svelte';
import { tree } from './trace';

const record = (id: string, time: string, event?: string): Row =>
  ({ id, time: `2026-11-23T12:00:${time}Z`, ...(event ? { event } : {}) }) as unknown as Row;

describe('a trace', () => {
  it('hangs what an event led to below what led to it', () => {
    const [root, ...others] = tree([
      record('c', '02.5', 'e1'),
      record('a', '01'),
      record('b', '02', 'e1'),
      record('d', '03', 'e2'),
    ]);
    expect(others).toEqual([]);
    expect(root?.record.id).toBe('a');
    expect(root?.children.map((one) => [one.record.id, one.afterMs])).toEqual([['b', 1000], ['d', 2000]]);
    expect(root?.children[0]?.children.map((one) => one.record.id)).toEqual(['c']);
  });
  it('may have several beginnings', () => {
    expect(tree([record('a', '01'), record('b', '02')]).map((one) => one.record.id)).toEqual(['a', 'b']);
  });
  it('may be empty', () => expect(tree([])).toEqual([]));
});
