import { expect, it } from 'vitest';
import { byName, tally, type ReviewItem } from './reviews';

const items: ReviewItem[] = [
  { person: 'o', role: 'viewer', verdict: 'keep' },
  { person: 'a', role: 'admin', verdict: 'remove' },
  { person: 'o', role: 'operator', verdict: null },
];

it('what nobody answers is removed', () => expect(tally(items)).toEqual({ all: 3, answered: 2, unanswered: 1, removed: 2 }));
it('a review without items has nothing to do', () => expect(tally([])).toEqual({ all: 0, answered: 0, unanswered: 0, removed: 0 }));
it('items stand together by person, in the order of names', () => {
  const names: Record<string, string> = { o: 'Anna', a: 'Zoe' };
  const groups = byName(items, (uid) => names[uid] ?? uid);
  expect(groups.map(({ person, items }) => [person, items.map(({ role }) => role)])).toEqual([
    ['o', ['operator', 'viewer']],
    ['a', ['admin']],
  ]);
});
