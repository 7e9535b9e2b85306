import { describe, expect, it } from 'vitest';
import { parseInline, parseMarkdown, safeHref } from './markdown';

describe('Markdown', () => {
  it('reads blocks', () => {
    const kinds = parseMarkdown('# One\n\ntwo\nlines\n\n- a\n- b\n\n1. x\n\n> said\n\n---\n\n```\ncode\n```').map(
      (block) => block.kind,
    );
    expect(kinds).toEqual(['heading', 'paragraph', 'list', 'list', 'quote', 'rule', 'code']);
  });

  it('joins the lines of a paragraph and ends it at the next block', () => {
    expect(parseMarkdown('a\nb\n- c')).toEqual([
      { kind: 'paragraph', children: [{ kind: 'text', words: 'a b' }] },
      { kind: 'list', ordered: false, items: [[{ kind: 'text', words: 'c' }]] },
    ]);
  });

  it('reads words within a line', () => {
    expect(parseInline('a **b *c*** `d`')).toEqual([
      { kind: 'text', words: 'a ' },
      { kind: 'strong', children: [{ kind: 'text', words: 'b ' }, { kind: 'em', children: [{ kind: 'text', words: 'c' }] }] },
      { kind: 'text', words: ' ' },
      { kind: 'code', words: 'd' },
    ]);
  });

  it('reads tables, with as many cells in each row as it has heads', () => {
    const said = (cell: { words?: string }[]): string => cell.map(({ words }) => words).join();
    const [before, table, after] = parseMarkdown('words\n| a | `b` |\n|:-:|--:|\n| 1 | x \\| y | 3 |\n| 2 |\nafter');
    expect([before?.kind, after?.kind]).toEqual(['paragraph', 'paragraph']);
    if (table?.kind !== 'table') throw new Error('it is no table');
    expect(table.aligns).toEqual(['center', 'end']);
    expect([table.head, ...table.rows].map((row) => row.map((cell) => said(cell as { words?: string }[])))).toEqual([
      ['a', 'b'],
      ['1', 'x | y'],
      ['2', ''],
    ]);
  });

  it('takes bars without rules below them as words', () => {
    for (const words of ['a | b', 'a | b\nc', 'a | b\n---', '| a |\n|---|---|']) expect(parseMarkdown(words)[0]?.kind).toBe('paragraph');
  });

  it('leaves names with underscores alone', () =>
    expect(parseInline('feed_age_seconds')).toEqual([{ kind: 'text', words: 'feed_age_seconds' }]));

  it.each(['https://a.example/b', 'mailto:a@b.example', '/incidents/1', '#top', '?state=open'])('follows `%s`', (href) =>
    expect(safeHref(href)).toBe(href),
  );

  it.each(['javascript:alert(1)', 'JaVaScRiPt:x', 'data:text/html,x', '//evil.example', '/\\evil.example', 'vbscript:x', ''])(
    'leaves `%s` as text',
    (href) => expect(safeHref(href)).toBeNull(),
  );

  it('passes HTML on as words', () =>
    expect(parseMarkdown('<img src=x onerror=alert(1)>')).toEqual([
      { kind: 'paragraph', children: [{ kind: 'text', words: '<img src=x onerror=alert(1)>' }] },
    ]));

  it('ends with an unclosed fence and at any depth of quotes', () => {
    expect(parseMarkdown('```\nopen')).toEqual([{ kind: 'code', words: 'open' }]);
    expect(() => parseMarkdown('>'.repeat(5000))).not.toThrow();
  });
});
