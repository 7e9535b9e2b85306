import { expect, it } from 'vitest';
import { changeWords, lengthWords, lines, scopeWords, scoreWords } from './runs';

it('a score is hundredths of a per cent', () => {
  expect(scoreWords(7921)).toBe('79.2 %');
  expect(scoreWords(null)).toBe('no score');
  expect(changeWords(150)).toBe('+1.5 points');
  expect(changeWords(-150)).toBe('−1.5 points');
});

it('a scope that leaves nothing out is everything', () => {
  expect(scopeWords({ controls: [], asset_types: [] })).toBe('Everything');
  expect(scopeWords({ controls: ['GCS-02'], asset_types: ['a', 'b'] })).toBe('1 control, 2 asset types');
});

it('a length of time has its two largest units', () => {
  for (const [seconds, words] of [
    [0, '0 s'],
    [59, '59 s'],
    [3_600, '1 h'],
    [3_660, '1 h 1 min'],
    [86_400 * 2 + 59, '2 d'],
    [90_061, '1 d 1 h'],
  ] as const)
    expect(lengthWords(seconds)).toBe(words);
});

it('lines are what is not blank, once', () => expect(lines(' a\n\nb \na')).toEqual(['a', 'b']));
