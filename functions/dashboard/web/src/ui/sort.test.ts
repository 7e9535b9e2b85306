import { describe, expect, it } from 'vitest';
import { nextSort, sortedIndexes, type SortValue } from './sort';

function check(values: SortValue[], descending: boolean, expected: SortValue[]): void {
  const order = sortedIndexes(values, (value) => value, descending);
  expect([...order].map((at) => values[at])).toEqual(expected);
}

describe('sorting rows', () => {
  it('puts numbers within names in the order of people', () =>
    check(['vm-10', 'VM-9', 'vm-2'], false, ['vm-2', 'VM-9', 'vm-10']));

  it('orders letters beyond ASCII beside their plain ones', () =>
    check(['Zoe', 'Élan', 'Eda'], false, ['Eda', 'Élan', 'Zoe']));

  it('leaves what has no value last in both directions', () => {
    check([3, null, 1, undefined, 2], false, [1, 2, 3, null, undefined]);
    check([3, null, 1, Number.NaN, 2], true, [3, 2, 1, null, Number.NaN]);
    check(['b', '', 'a'], true, ['b', 'a', '']);
  });

  it('keeps the order of equals in both directions', () => {
    const rows = [
      { key: 'x', at: 0 },
      { key: 'y', at: 1 },
      { key: 'x', at: 2 },
    ];
    expect([...sortedIndexes(rows, (row) => row.key, false)]).toEqual([0, 2, 1]);
    expect([...sortedIndexes(rows, (row) => row.key, true)]).toEqual([1, 0, 2]);
  });

  it('orders moments, whole numbers of any size and truths', () => {
    const early = new Date(1000);
    const late = new Date(2000);
    check([late, early], false, [early, late]);
    check([10n ** 30n, 5n], false, [5n, 10n ** 30n]);
    check([true, false], false, [false, true]);
  });

  it('turns a column up, down and back to the order of the rows', () => {
    const up = nextSort(null, 'state');
    const down = nextSort(up, 'state');
    expect(up).toEqual({ key: 'state', descending: false });
    expect(down).toEqual({ key: 'state', descending: true });
    expect(nextSort(down, 'state')).toBeNull();
    expect(nextSort(down, 'owner')).toEqual({ key: 'owner', descending: false });
  });
});
