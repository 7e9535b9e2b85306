import { beginsTable, readTable, type Align } from './markdown-table';

/** A small, safe part of Markdown as a tree: what a post-mortem or a comment needs. No HTML passes. */

export type Inline =
  | { kind: 'text'; words: string }
  | { kind: 'code'; words: string }
  | { kind: 'strong'; children: Inline[] }
  | { kind: 'em'; children: Inline[] }
  | { kind: 'link'; href: string; children: Inline[] };

export type Block =
  | { kind: 'heading'; level: number; children: Inline[] }
  | { kind: 'paragraph'; children: Inline[] }
  | { kind: 'list'; ordered: boolean; items: Inline[][] }
  | { kind: 'code'; words: string }
  | { kind: 'quote'; children: Block[] }
  | { kind: 'table'; head: Inline[][]; aligns: Align[]; rows: Inline[][][] }
  | { kind: 'rule' };

/** Deeper nesting is shown as it is written. */
const DEPTH_MAX = 6;

const HEADING = /^(#{1,4})\s+(.+?)\s*#*$/;
const BULLET = /^\s{0,3}[-*+]\s+(.*)$/;
const NUMBER = /^\s{0,3}\d{1,4}[.)]\s+(.*)$/;
const QUOTE = /^>\s?(.*)$/;
const FENCE = /^```/;
const RULE = /^(?:-{3,}|\*{3,}|_{3,})\s*$/;

export function parseMarkdown(source: string, depth = 0): Block[] {
  const lines = source.replace(/\r\n?/g, '\n').split('\n');
  const blocks: Block[] = [];
  let at = 0;

  const take = (pattern: RegExp): string[] => {
    const taken: string[] = [];
    for (let match = pattern.exec(lines[at] ?? ''); match; match = pattern.exec(lines[at] ?? '')) {
      taken.push(match[1] ?? '');
      at += 1;
      if (at >= lines.length) break;
    }
    return taken;
  };

  while (at < lines.length) {
    const line = lines[at] ?? '';
    const heading = HEADING.exec(line);
    if (!line.trim()) {
      at += 1;
    } else if (FENCE.test(line)) {
      const words: string[] = [];
      at += 1;
      while (at < lines.length && !FENCE.test(lines[at] ?? '')) words.push(lines[at++] ?? '');
      at += 1;
      blocks.push({ kind: 'code', words: words.join('\n') });
    } else if (RULE.test(line)) {
      blocks.push({ kind: 'rule' });
      at += 1;
    } else if (heading) {
      blocks.push({ kind: 'heading', level: heading[1]?.length ?? 1, children: parseInline(heading[2] ?? '') });
      at += 1;
    } else if (beginsTable(lines, at)) {
      const { table, lines: taken } = readTable(lines, at);
      const inline = (row: string[]): Inline[][] => row.map((cell) => parseInline(cell));
      blocks.push({ kind: 'table', head: inline(table.head), aligns: table.aligns, rows: table.rows.map(inline) });
      at += taken;
    } else if (QUOTE.test(line) && depth < DEPTH_MAX) {
      blocks.push({ kind: 'quote', children: parseMarkdown(take(QUOTE).join('\n'), depth + 1) });
    } else if (BULLET.test(line)) {
      blocks.push({ kind: 'list', ordered: false, items: take(BULLET).map((item) => parseInline(item)) });
    } else if (NUMBER.test(line)) {
      blocks.push({ kind: 'list', ordered: true, items: take(NUMBER).map((item) => parseInline(item)) });
    } else {
      const words: string[] = [line.trim()];
      at += 1;
      while (at < lines.length && lines[at]?.trim() && !startsBlock(lines[at] ?? '') && !beginsTable(lines, at)) words.push((lines[at++] ?? '').trim());
      blocks.push({ kind: 'paragraph', children: parseInline(words.join(' ')) });
    }
  }
  return blocks;
}

function startsBlock(line: string): boolean {
  return [HEADING, BULLET, NUMBER, QUOTE, FENCE, RULE].some((pattern) => pattern.test(line));
}

const INLINE =
  /`([^`]+)`|\*\*(\S(?:.*?\S)?)\*\*(?!\*)|(?<![\w*])[*_](?=\S)([^*_]+?)[*_](?![\w*])|\[([^\]]+)\]\(([^()\s]+)\)|(https:\/\/[^\s<>()]+[^\s<>().,;:!?])/g;

export function parseInline(source: string, depth = 0): Inline[] {
  if (depth > DEPTH_MAX) return [{ kind: 'text', words: source }];
  const result: Inline[] = [];
  const say = (words: string): void => {
    if (words) result.push({ kind: 'text', words });
  };
  let from = 0;
  for (const match of source.matchAll(INLINE)) {
    const [whole, code, strong, em, title, target, bare] = match;
    say(source.slice(from, match.index));
    from = match.index + whole.length;
    const href = safeHref(target ?? bare ?? '');
    if (code !== undefined) result.push({ kind: 'code', words: code });
    else if (strong !== undefined) result.push({ kind: 'strong', children: parseInline(strong, depth + 1) });
    else if (em !== undefined) result.push({ kind: 'em', children: parseInline(em, depth + 1) });
    else if (href && bare) result.push({ kind: 'link', href, children: [{ kind: 'text', words: bare }] });
    else if (href) result.push({ kind: 'link', href, children: parseInline(title ?? '', depth + 1) });
    else say(whole);
  }
  say(source.slice(from));
  return result;
}

/** Only addresses that cannot run anything; everything else stays text. */
export function safeHref(target: string): string | null {
  if (/^(?:https?:\/\/|mailto:)/i.test(target)) return target;
  return /^(?:\/(?!\/)|#|\?)/.test(target) && !target.includes('\\') ? target : null;
}
