import { describe, expect, it } from 'vitest';
import { plain } from './plain';

const timestamp = (seconds: number, nanoseconds: number) => ({ seconds, nanoseconds, toDate: () => new Date(0) });

describe('what Firestore holds', () => {
  it('keeps the microseconds of its timestamps', () => {
    expect(plain({ at: timestamp(1_795_849_530, 910_214_000) })).toEqual({ at: '2026-11-28T07:05:30.910214Z' });
    expect(plain([timestamp(1_795_849_530, 0)])).toEqual(['2026-11-28T07:05:30Z']);
  });
  it('is otherwise left as it is', () => {
    expect(plain({ a: [1, { b: null }], c: 'x' })).toEqual({ a: [1, { b: null }], c: 'x' });
  });
});
