import { describe, expect, it } from 'vitest';
import { asLines, diffLines, folded } from './diff';

const show = (before: string[], after: string[]): string[] =>
  diffLines(before, after).map((line) => ({ same: ' ', added: '+', removed: '-' })[line.kind] + line.words);

describe('differences', () => {
  it('tells the lines that came and went', () =>
    expect(show(['a', 'b', 'c', 'd'], ['a', 'x', 'c', 'y', 'd'])).toEqual([' a', '-b', '+x', ' c', '+y', ' d']));

  it('begins from nothing and ends in nothing', () => {
    expect(show([], ['a'])).toEqual(['+a']);
    expect(show(['a'], [])).toEqual(['-a']);
  });

  it('gives both sides back', () => {
    const before = [...'the quick brown fox'];
    const after = [...'a quick red fox ran'];
    const lines = diffLines(before, after);
    expect(lines.filter((line) => line.kind !== 'added').map((line) => line.words)).toEqual(before);
    expect(lines.filter((line) => line.kind !== 'removed').map((line) => line.words)).toEqual(after);
  });

  it('does not mind the order of keys', () =>
    expect(asLines({ b: 1, a: { d: 1, c: 2 } })).toEqual(asLines({ a: { c: 2, d: 1 }, b: 1 })));

  it('hides long equal runs but keeps some around a change', () => {
    const before = Array.from({ length: 20 }, (_, at) => `line ${at}`);
    const parts = folded(diffLines(before, before.with(10, 'changed')));
    expect(parts[0]).toEqual({ kind: 'hidden', lines: 7 });
    expect(parts.at(-1)).toEqual({ kind: 'hidden', lines: 6 });
    expect(parts).toHaveLength(1 + 3 + 2 + 3 + 1);
  });
});
