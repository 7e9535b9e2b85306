import { describe, expect, it } from 'vitest';
import { poolSize, rowWindow, scrollTo } from './window';

describe('the window of rows', () => {
  it('covers the whole height with its rows and the spacers around them', () => {
    for (const scrollTop of [0, 1, 399, 40_000, 399_400, 1_000_000]) {
      const view = rowWindow(10_000, 40, scrollTop, 600);
      expect(view.above + (view.end - view.first) * 40 + view.below).toBe(400_000);
    }
  });

  it('holds every row that is in view', () => {
    for (let scrollTop = 0; scrollTop <= 4000 - 600; scrollTop += 7) {
      const view = rowWindow(100, 40, scrollTop, 600);
      expect(view.first * 40).toBeLessThanOrEqual(scrollTop);
      expect(view.end * 40).toBeGreaterThanOrEqual(scrollTop + 600);
    }
  });

  it('draws no more than the view and a few around it', () => {
    const view = rowWindow(10_000, 40, 200_000, 600);
    expect(view.end - view.first).toBeLessThanOrEqual(15 + 2 * 4 + 2);
  });

  it('fits into its pool wherever it stands, so that no two rows share elements', () => {
    for (let scrollTop = 0; scrollTop < 400_000; scrollTop += 611) {
      const view = rowWindow(10_000, 40, scrollTop, 590);
      expect(view.end - view.first).toBeLessThanOrEqual(poolSize(40, 590));
    }
  });

  it('stays at the end when rows vanish below the scroll position', () => {
    const view = rowWindow(20, 40, 100_000, 600);
    expect(view.end).toBe(20);
    expect(view.below).toBe(0);
  });

  it('is empty without rows', () => expect(rowWindow(0, 40, 0, 600)).toEqual({ first: 0, end: 0, above: 0, below: 0 }));

  it('brings a row into view with the least movement', () => {
    expect(scrollTo(5, 40, 0, 600)).toBe(0);
    expect(scrollTo(20, 40, 0, 600)).toBe(240);
    expect(scrollTo(3, 40, 400, 600)).toBe(120);
  });
});
