/** Fuzzy matching for the command palette: every letter in order, whole words and beginnings first. */

export interface Match {
  score: number;
  /** Positions of the matched letters, to be set in bold. */
  positions: number[];
}

const START = 12;
const WORD = 8;
const NEXT = 5;
const LETTER = 1;

/** Matches `query` against `target`, or `null` when its letters are not all there in order. */
export function fuzzy(query: string, target: string): Match | null {
  const wanted = query.toLowerCase().replace(/\s+/g, '');
  if (!wanted) return { score: 0, positions: [] };
  const lower = target.toLowerCase();

  // What is written as it stands beats any scattering of its letters.
  const whole = lower.indexOf(query.toLowerCase().trim());
  if (whole >= 0) {
    const length = query.trim().length;
    const bonus = whole === 0 ? START : /[\s\-_./]/.test(lower[whole - 1] ?? '') ? WORD : 0;
    return {
      score: 100 + bonus + length * NEXT - target.length * 0.1,
      positions: Array.from({ length }, (_, at) => whole + at),
    };
  }

  const positions: number[] = [];
  let score = 0;
  let from = 0;
  for (const letter of wanted) {
    const at = bestPosition(lower, letter, from);
    if (at < 0) return null;
    const previous = positions.at(-1);
    if (at === 0) score += START;
    else if (/[\s\-_./]/.test(lower[at - 1] ?? '')) score += WORD;
    else if (previous !== undefined && previous + 1 === at) score += NEXT;
    else score += LETTER;
    positions.push(at);
    from = at + 1;
  }
  return { score: score - target.length * 0.1, positions };
}

/** The next occurrence, preferring one at the beginning of a word within the next few words. */
function bestPosition(target: string, letter: string, from: number): number {
  const next = target.indexOf(letter, from);
  if (next <= 0 || next === from) return next;
  for (let at = next; at >= 0 && at < target.length; at = target.indexOf(letter, at + 1)) {
    if (/[\s\-_./]/.test(target[at - 1] ?? '')) return at;
    if (target.indexOf(letter, at + 1) < 0) break;
  }
  return next;
}

/** Keeps what matches, best first; ties keep their order. */
export function rank<Item>(query: string, items: readonly Item[], words: (item: Item) => string[]): Item[] {
  if (!query.trim()) return [...items];
  return items
    .map((item, at) => {
      const scores = words(item).map((word, place) => (fuzzy(query, word)?.score ?? -Infinity) - place * 10);
      return { item, at, score: Math.max(...scores) };
    })
    .filter((entry) => entry.score > -Infinity)
    .sort((left, right) => right.score - left.score || left.at - right.at)
    .map((entry) => entry.item);
}
