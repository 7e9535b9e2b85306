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
