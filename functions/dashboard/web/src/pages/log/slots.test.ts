import { expect, it } from 'vitest';
import { assigned } from './slots';

const none: readonly string[][] = [[], [], []];

it('gives what is wanted to slots, in its order', () => {
  expect(assigned(none, ['a', 'b', 'c'], 2)).toEqual([['a', 'b'], ['c'], []]);
  expect(assigned(none, [], 2)).toEqual(none);
});

it('leaves a slot as it is until nothing of it is wanted', () => {
  const slots = assigned(none, ['a', 'b', 'c'], 2);
  expect(assigned(slots, ['b', 'c'], 2)).toEqual(slots);
  expect(assigned(slots, ['new', 'b'], 2)).toEqual([['a', 'b'], ['new'], []]);
});

it('lets what finds no slot wait', () => {
  const slots = assigned(none, ['a', 'b', 'c', 'd'], 1);
  expect(slots).toEqual([['a'], ['b'], ['c']]);
  expect(assigned(slots, ['a', 'c', 'd'], 1)).toEqual([['a'], ['d'], ['c']]);
});
