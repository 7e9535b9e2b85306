/** A line-by-line comparison of two values, for people who must see what a change does. */

export interface DiffLine {
  kind: 'same' | 'added' | 'removed';
  words: string;
}

export type DiffPart = DiffLine | { kind: 'hidden'; lines: number };

/** Beyond this the middle is told as removed and added: the table below is quadratic. */
const COMPARED_MAX = 1200;
const CONTEXT_LINES = 3;

/** Both sides as text: JSON with sorted keys, so that only meaning differs. */
export function asLines(value: unknown): string[] {
  if (value === undefined || value === null || value === '') return [];
  const written = typeof value === 'string' ? value : JSON.stringify(sorted(value), null, 2);
  return written.split('\n');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, entry]) => [key, sorted(entry)]),
  );
}

export function diffLines(before: readonly string[], after: readonly string[]): DiffLine[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let tail = 0;
  while (
    tail < before.length - start &&
    tail < after.length - start &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  )
    tail += 1;

  const same = (words: string): DiffLine => ({ kind: 'same', words });
  return [
    ...before.slice(0, start).map(same),
    ...middle(before.slice(start, before.length - tail), after.slice(start, after.length - tail)),
    ...before.slice(before.length - tail).map(same),
  ];
}

/** The longest common subsequence, walked from its end. */
function middle(before: string[], after: string[]): DiffLine[] {
  const removed = (words: string): DiffLine => ({ kind: 'removed', words });
  const added = (words: string): DiffLine => ({ kind: 'added', words });
  if (before.length === 0 || after.length === 0 || before.length > COMPARED_MAX || after.length > COMPARED_MAX)
    return [...before.map(removed), ...after.map(added)];

  const width = after.length + 1;
  const common = new Uint16Array((before.length + 1) * width);
  const at = (row: number, column: number): number => common[row * width + column] ?? 0;
  for (let row = before.length - 1; row >= 0; row -= 1)
    for (let column = after.length - 1; column >= 0; column -= 1)
      common[row * width + column] =
        before[row] === after[column]
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));

  const lines: DiffLine[] = [];
  let row = 0;
  let column = 0;
  while (row < before.length && column < after.length) {
    const left = before[row] ?? '';
    const right = after[column] ?? '';
    if (left === right) {
      lines.push({ kind: 'same', words: left });
      row += 1;
      column += 1;
    } else if (at(row + 1, column) >= at(row, column + 1)) {
      lines.push(removed(left));
      row += 1;
    } else {
      lines.push(added(right));
      column += 1;
    }
  }
  return [...lines, ...before.slice(row).map(removed), ...after.slice(column).map(added)];
}

/** Hides long runs of equal lines, all but a few around each change. */
export function folded(lines: readonly DiffLine[]): DiffPart[] {
  const near = new Uint8Array(lines.length);
  lines.forEach((line, at) => {
    if (line.kind === 'same') return;
    const end = Math.min(lines.length - 1, at + CONTEXT_LINES);
    for (let around = Math.max(0, at - CONTEXT_LINES); around <= end; around += 1) near[around] = 1;
  });
  const parts: DiffPart[] = [];
  lines.forEach((line, at) => {
    const last = parts.at(-1);
    if (near[at]) parts.push(line);
    else if (last?.kind === 'hidden') last.lines += 1;
    else parts.push({ kind: 'hidden', lines: 1 });
  });
  return parts;
}
