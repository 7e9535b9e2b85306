/** A part of a post-mortem. Texts of people stand escaped in it, and are never markup. */
export type Part =
  | { kind: 'heading'; level: number; words: string }
  | { kind: 'table'; head: string[]; rows: string[][] }
  | { kind: 'list'; items: string[] }
  | { kind: 'words'; words: string }
  /** A heading below which nobody has written anything yet. */
  | { kind: 'open' };

const ROW = /^\|.*\|\s*$/;
const RULE = /^\|(?:\s*:?-+:?\s*\|)+\s*$/;

/** Reads the Markdown of a post-mortem: headings, tables, lists and paragraphs. */
export function parts(source: string): Part[] {
  const found: Part[] = [];
  for (const line of source.split('\n')) {
    const heading = /^(#{1,3}) (.*)$/.exec(line);
    const before = found.at(-1);
    if (heading) {
      if (before?.kind === 'heading' && before.level > 1) found.push({ kind: 'open' });
      found.push({ kind: 'heading', level: heading[1]?.length ?? 1, words: plain(heading[2] ?? '') });
    } else if (RULE.test(line)) continue;
    else if (ROW.test(line)) {
      if (before?.kind === 'table') before.rows.push(cells(line));
      else found.push({ kind: 'table', head: cells(line).filter(Boolean), rows: [] });
    } else if (line.startsWith('- ')) {
      if (before?.kind === 'list') before.items.push(plain(line.slice(2)));
      else found.push({ kind: 'list', items: [plain(line.slice(2))] });
    } else if (line.trim()) found.push({ kind: 'words', words: plain(line) });
  }
  if (found.at(-1)?.kind === 'heading') found.push({ kind: 'open' });
  return found;
}

/** The cells of a row; an escaped bar is part of a cell. */
const cells = (line: string): string[] =>
  line
    .trim()
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => plain(cell.trim()));

const plain = (words: string): string => words.replace(/\\([\\`*_{}[\]<>#|!~])/g, '$1');
