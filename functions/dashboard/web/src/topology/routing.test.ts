import { describe, expect, it } from 'vitest';
import { path } from './path';
import { PORTS_APART, spread } from './ports';
import { crossings, ordered, type Trunk } from './tracks';

describe('a path', () => {
  it('has round corners, and none at its ends', () => {
    expect(path([{ x: 0, y: 0 }, { x: 20, y: 0 }, { x: 20, y: 4 }])).toBe('M0 0L13 0Q20 0 20 2L20 4');
  });
  it('leaves out points that nothing turns at', () => {
    expect(path([{ x: 0, y: 5 }, { x: 4, y: 5 }, { x: 4, y: 5 }, { x: 9, y: 5 }])).toBe('M0 5L9 5');
  });
  it('of no points is nothing', () => expect(path([])).toBe(''));
});

describe('ports', () => {
  it('stand where they are wanted while there is room', () => expect(spread([40, 10], 0, 50)).toEqual([40, 10]));
  it('make room for each other, in the same order', () => {
    const [first = 0, second = 0, third = 0] = spread([25, 25, 60], 0, 50);
    expect([second - first, third]).toEqual([PORTS_APART, 50]);
  });
  it('move together where a side is short', () => expect(spread([9, 9, 9], 0, 10)).toEqual([0, 5, 10]));
});

describe('the lines of a gap', () => {
  const down: Trunk = { id: 'a', left: [10], right: [50] };
  const alsoDown: Trunk = { id: 'b', left: [20], right: [60] };
  it('cross where the upper one turns first', () => {
    expect(crossings(down, alsoDown)).toBe(2);
    expect(crossings(alsoDown, down)).toBe(0);
  });
  it('are ordered so that they do not', () => expect(ordered([down, alsoDown]).map(({ id }) => id)).toEqual(['b', 'a']));
  it('are none where everything is level', () => expect(ordered([{ id: 'a', left: [10], right: [10] }])).toEqual([]));
});
