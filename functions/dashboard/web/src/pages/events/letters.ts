import type { DeadLetter } from '../../documents/dead-letter';
import type { Stored } from '../../live/live.svelte';
import type { Facet, FilterValue } from '../../ui/filters';
import { text } from './text';

export type LetterRow = Stored<DeadLetter>;

const words = text.letters;

/** What became of a letter's replay, as a filter names it. */
export const replayOf = ({ replay }: Pick<DeadLetter, 'replay'>): string => replay?.state ?? words.neverValue;

export function letterFacets(letters: readonly LetterRow[], chosen: URLSearchParams): Facet[] {
  const functions = new Set([...letters.map((letter) => letter.function), ...chosen.getAll('function')]);
  return [
    { key: 'function', title: words.facets.function, options: [...functions].sort().map((value) => ({ value, title: value })) },
    {
      key: 'replay',
      title: words.facets.replay,
      options: [{ value: words.neverValue, title: words.never }, ...Object.entries(words.states).map(([value, title]) => ({ value, title }))],
    },
  ];
}

/** The letters that a filter leaves. */
export function filteredLetters(letters: readonly LetterRow[], filter: FilterValue, search: string): LetterRow[] {
  const wanted = search.trim().toLowerCase();
  return letters.filter(
    (letter) =>
      (filter['function']?.includes(letter.function) ?? true) &&
      (filter['replay']?.includes(replayOf(letter)) ?? true) &&
      (wanted === '' || `${letter.function} ${letter.trigger} ${letter.code} ${letter.reason} ${letter.event}`.toLowerCase().includes(wanted)),
  );
}

/** How often a delivery was tried, where its reason says so. */
export const attemptsOf = ({ reason }: Pick<DeadLetter, 'reason'>): number | undefined => {
  const found = /^(\d+) attempts?;/.exec(reason)?.[1];
  return found === undefined ? undefined : Number(found);
};

/** The trace that a delivery belongs to, as its headers say. */
export const traceOf = (headers: Readonly<Record<string, string>>): string | undefined =>
  /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(headers['traceparent'] ?? '')?.[1];
