import { describe, expect, it } from 'vitest';
import { machine, relative } from './time';

const now = Date.UTC(2026, 2, 15, 12);
const MINUTE = 60_000;
const check = (distance: number, expected: string): void => expect(relative(now + distance, now)).toBe(expected);

describe('relative times', () => {
  it('names the past', () => {
    check(0, 'just now');
    check(4_999, 'just now');
    check(-59_999, 'just now');
    check(-MINUTE, '1 min ago');
    check(-59 * MINUTE, '59 min ago');
    check(-60 * MINUTE, '1 h ago');
    check(-24 * 60 * MINUTE, '1 day ago');
    check(-30 * 24 * 60 * MINUTE, '30 days ago');
  });

  it('names the future', () => {
    check(5_000, 'in a moment');
    check(30_000, 'in a moment');
    check(5 * MINUTE, 'in 5 min');
    check(49 * 60 * MINUTE, 'in 2 days');
  });

  it('gives the date beyond a month, with the year only when it is another', () => {
    check(-40 * 24 * 60 * MINUTE, '3 Feb');
    check(-400 * 24 * 60 * MINUTE, '8 Feb 2025');
  });

  it('shows what is no moment as it is written', () => {
    expect(relative('soon', now)).toBe('soon');
    expect(machine('soon')).toBe('');
    expect(machine(now)).toBe('2026-03-15T12:00:00.000Z');
  });
});
