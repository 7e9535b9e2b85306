import { describe, expect, it } from 'vitest';
import { parseDuration, writeDuration } from './duration';

describe('durations', () => {
  it.each([
    ['45m', 2700],
    ['2h', 7200],
    ['1h 30m', 5400],
    ['1 h 30 min', 5400],
    ['1.5 hours', 5400],
    ['90', 5400],
    ['2 days, 3 hours', 183_600],
    ['1W', 604_800],
  ])('reads `%s`', (written, seconds) => expect(parseDuration(written)).toBe(seconds));

  it.each(['', '0m', 'soon', '1h 30', '-5m', '5 moons', 'h'])('refuses `%s`', (written) =>
    expect(parseDuration(written)).toBeNull(),
  );

  it('writes the two largest units and reads them again', () => {
    expect(writeDuration(5400)).toBe('1 h 30 min');
    expect(writeDuration(86_400)).toBe('1 d');
    expect(writeDuration(90_061)).toBe('1 d 1 h');
    expect(writeDuration(86_460)).toBe('1 d');
    expect(writeDuration(0)).toBe('0 s');
    for (const seconds of [60, 900, 5400, 14_400, 90_000]) expect(parseDuration(writeDuration(seconds))).toBe(seconds);
  });
});
