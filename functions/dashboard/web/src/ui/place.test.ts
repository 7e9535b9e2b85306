import { describe, expect, it } from 'vitest';
import { place } from './place';

const viewport = { width: 1000, height: 800 };
const size = { width: 200, height: 100 };
const anchor = (left: number, top: number) => ({ left, top, width: 80, height: 30 });

describe('placing what floats', () => {
  it('goes below, at the start', () => expect(place(anchor(100, 100), size, viewport)).toEqual({ left: 100, top: 134 }));

  it('goes above where there is no room below', () => expect(place(anchor(100, 750), size, viewport).top).toBe(646));

  it('goes below where there is no room above', () =>
    expect(place(anchor(100, 20), size, viewport, 'above').top).toBe(54));

  it('never leaves the viewport', () => {
    expect(place(anchor(950, 100), size, viewport).left).toBe(792);
    expect(place(anchor(2, 100), size, viewport, 'below', 'end').left).toBe(8);
    expect(place(anchor(100, 100), { width: 200, height: 2000 }, viewport).top).toBe(8);
  });
});
