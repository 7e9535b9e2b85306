export type Align = 'start' | 'center' | 'end';

/** The cells of a table, as they are written. */
export interface WrittenTable {
  head: string[];
  aligns: Align[];
  rows: string[][];
}

/** A line such as `| --- | :-: |`, below the heads. */
const RULE = /^ {0,3}\|?(?:\s*:?-+:?\s*\|)+(?:\s*:?-+:?\s*)?$|^ {0,3}\|\s*:?-+:?\s*$/;

/** Whether a table begins at a line: with its heads, and as many rules below them. */
export function beginsTable(lines: readonly string[], at: number): boolean {
  const [head = '', rule = ''] = lines.slice(at, at + 2);
  return head.includes('|') && RULE.test(rule) && cells(head).length === cells(rule).length;
}

/** Reads the table that begins at a line; it ends where a line has no cells. */
export function readTable(lines: readonly string[], at: number): { table: WrittenTable; lines: number } {
  const [head = '', rule = ''] = lines.slice(at, at + 2);
  const titles = cells(head);
  const rest = lines.slice(at + 2);
  const ends = rest.findIndex((line) => !line.includes('|'));
  const written = ends < 0 ? rest : rest.slice(0, ends);
  // What a row has too much is left out, and what it lacks is empty.
  const rows = written.map(cells).map((row) => titles.map((_, index) => row[index] ?? ''));
  return { table: { head: titles, aligns: cells(rule).map(alignOf), rows }, lines: written.length + 2 };
}

/** The cells of a line. A bar within a cell is written as `\|`. */
function cells(line: string): string[] {
  const parts = line.trim().split(/(?<!\\)\|/).map((part) => part.trim().replaceAll('\\|', '|'));
  if (parts[0] === '') parts.shift();
  if (parts.at(-1) === '') parts.pop();
  return parts;
}

function alignOf(rule: string): Align {
  if (!rule.endsWith(':')) return 'start';
  return rule.startsWith(':') ? 'center' : 'end';
}
