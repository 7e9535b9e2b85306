import type { Audit } from './documents';
import { text } from './text';

/** Hundredths of a per cent, as people read them: `79.2`. */
export const points = (score: number): string => (score / 100).toFixed(1);

/** The score with its unit; nothing was asked when there is none. */
export const scoreWords = (score: number | null | undefined): string =>
  score === null || score === undefined ? text.runs.noScore : `${points(score)} %`;

/** A change of the score, with its sign. */
export const changeWords = (change: number): string =>
  text.run.points(`${change > 0 ? '+' : change < 0 ? '−' : '±'}${points(Math.abs(change))}`);

/** What a run looked at, in few words. */
export function scopeWords(scope: Audit['scope']): string {
  if (isEverything(scope)) return text.runs.everything;
  return text.runs.scope(scope?.controls?.length ?? 0, scope?.asset_types?.length ?? 0);
}

/** Whether a scope leaves nothing out. */
export const isEverything = (scope: Audit['scope']): boolean =>
  (scope?.controls?.length ?? 0) + (scope?.asset_types?.length ?? 0) === 0;

const UNITS: [seconds: number, unit: string][] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
  [1, 's'],
];

/** A length of time in its two largest units: `2 d 3 h`. */
export function lengthWords(seconds: number): string {
  let rest = Math.max(0, Math.round(seconds));
  const parts: string[] = [];
  for (const [size, unit] of UNITS) {
    const count = Math.floor(rest / size);
    if (count > 0 && parts.length < 2) parts.push(`${count} ${unit}`);
    else if (parts.length > 0) break;
    rest -= count * size;
  }
  return parts.join(' ') || '0 s';
}

/** Lines of a field, without what is blank or twice. */
export const lines = (words: string): string[] => [...new Set(words.split('\n').map((line) => line.trim()).filter(Boolean))];
