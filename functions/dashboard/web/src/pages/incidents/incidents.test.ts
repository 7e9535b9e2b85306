import { describe, expect, it } from 'vitest';
import { happened } from './happened';
import { facetsOf, filtered, priorityOf, subjectOf, tookSeconds, type Row } from './incidents';
import { idsIn } from './links';
import { parts } from './post-mortem';
import { readableCell } from './report';
import { readSort, writeSort } from './sorting';
import { differences, lastBy } from './versions';

const person = (uid: string) => ({ kind: 'person', uid }) as const;
const names = { name: (uid: string) => uid.toUpperCase(), actor: (actor: { kind: string; uid?: string }) => actor.uid ?? 'service' } as never;

const incident = (changes: Partial<Row>): Row =>
  ({
    id: 'a',
    title: 'Shop does not answer',
    detail: 'no connection',
    state: 'open',
    priority: 'p1',
    opened_at: '2026-11-23T12:00:00Z',
    escalations: 0,
    timeline: [],
    ...changes,
  }) as unknown as Row;

describe('a filter', () => {
  const all = [incident({ check: 'shop' as never }), incident({ id: 'b', state: 'resolved', assignee: 'oscar' as never, priority: 'p2' })];
  const ids = (filter: Record<string, string[]>, search = '') => filtered(all, filter, search, 'oscar').map(({ id }) => id);
  it('leaves what it names', () => {
    expect(ids({})).toEqual(['a', 'b']);
    expect(ids({ state: ['resolved'] })).toEqual(['b']);
    expect(ids({ priority: ['P1'] })).toEqual(['a']);
    expect(ids({ about: ['shop'] })).toEqual(['a']);
    expect(ids({}, 'SHOP')).toEqual(['a', 'b']);
    expect(ids({}, 'blog')).toEqual([]);
  });
  it('knows what is mine, what is nobody’s, and what is somebody’s', () => {
    expect(ids({ assignee: ['me'] })).toEqual(['b']);
    expect(ids({ assignee: ['nobody'] })).toEqual(['a']);
    expect(ids({ assignee: ['me', 'nobody'] })).toEqual(['a', 'b']);
    expect(ids({ assignee: ['opal'] })).toEqual([]);
  });
  it('offers what occurs, and what the address names', () => {
    const [, , about, assignee] = facetsOf(all, new URLSearchParams('about=gone&assignee=me'), (uid) => uid);
    expect(about?.options.map(({ value }) => value)).toEqual(['gone', 'shop']);
    expect(assignee?.options.map(({ value }) => value)).toEqual(['me', 'nobody', 'oscar']);
  });
});

describe('an incident', () => {
  it('took until its end, or until now', () => {
    const now = Date.parse('2026-11-23T12:01:30Z');
    expect(tookSeconds(incident({}), now)).toBe(90);
    expect(tookSeconds(incident({ resolved_at: '2026-11-23T12:00:10Z' as never }), now)).toBe(10);
  });
  it('without a priority matters as most do', () => expect(priorityOf({} as never)).toBe('P2'));
  it('is about a check, a service, an elevation, or nothing', () => {
    expect(subjectOf(incident({ service: 's' as never }))).toBe('s');
    expect(subjectOf(incident({ grant: 'g' as never }))).toBe('g');
    expect(subjectOf(incident({}))).toBeUndefined();
  });
});

describe('another version', () => {
  const now = incident({
    state: 'acknowledged',
    assignee: 'opal' as never,
    timeline: [{ at: '2026-11-23T12:01:00Z' as never, by: person('opal') as never, kind: 'acknowledged', text: 'on it' }],
  });
  it('tells what somebody else changed, and who', () => {
    expect(differences(incident({}), now, names).map(({ before, after }) => [before, after])).toEqual([
      ['Open', 'Acknowledged'],
      ['Nobody', 'OPAL'],
      ['', 'on it'],
    ]);
    expect(lastBy(now, names)).toBe('opal');
  });
  it('tells nothing of the same', () => expect(differences(now, now, names)).toEqual([]));
});

describe('a timeline', () => {
  it('has the newest first, names people, and keeps the keys of equal moments apart', () => {
    const at = '2026-11-23T12:00:00Z' as never;
    const entries = happened(
      [
        { at, by: person('oscar') as never, kind: 'commented', text: 'to opal: not an assignment' },
        { at, by: person('oscar') as never, kind: 'commented', text: 'b' },
        { at, by: person('oscar') as never, kind: 'assigned', text: 'to opal: she knows: it' },
      ],
      names,
    );
    expect(entries.map(({ title, detail }) => [title, detail])).toEqual([
      ['Assigned to OPAL', 'she knows: it'],
      ['Comment', 'b'],
      ['Comment', 'to opal: not an assignment'],
    ]);
    expect(new Set(entries.map(({ key }) => key)).size).toBe(3);
  });
});

describe('links', () => {
  it('are ids or addresses, each once', () => {
    expect(idsIn('f1\nhttp://mesh/audits/findings/f2?tab=x, f1  /overrides/a%20b/')).toEqual(['f1', 'f2', 'a b']);
    expect(idsIn(' \n, ')).toEqual([]);
    expect(idsIn('%')).toEqual(['%']);
  });
});

describe('a sorting', () => {
  it('goes through an address unchanged', () => {
    for (const written of ['opened', '-opened']) expect(writeSort(readSort(written))).toBe(written);
    expect(readSort(null)).toBeNull();
    expect(writeSort(null)).toBeUndefined();
  });
});

describe('a post-mortem', () => {
  it('is headings, tables, lists and words, none of which become markup', () => {
    const source =
      '# \\`shop\\` is down\n\n| | |\n|---|---|\n| State | a \\| b |\n\n## What was seen\n\n\\[x\\](y)\n\n## Linked\n\n- override o\\_1\n\n## Impact\n\n\n## Root cause\n\n';
    expect(parts(source)).toEqual([
      { kind: 'heading', level: 1, words: '`shop` is down' },
      { kind: 'table', head: [], rows: [['State', 'a | b']] },
      { kind: 'heading', level: 2, words: 'What was seen' },
      { kind: 'words', words: '[x](y)' },
      { kind: 'heading', level: 2, words: 'Linked' },
      { kind: 'list', items: ['override o_1'] },
      { kind: 'heading', level: 2, words: 'Impact' },
      { kind: 'open' },
      { kind: 'heading', level: 2, words: 'Root cause' },
      { kind: 'open' },
    ]);
  });
  it('says moments, people and durations as people do', () => {
    const say = (row: string[], column: number) => readableCell(row, column, (uid) => uid.toUpperCase());
    expect(say(['Assignee', 'opal'], 1)).toBe('OPAL');
    expect(say(['Check', 'opal'], 1)).toBe('opal');
    expect(say(['2026-11-23T12:00:00Z', 'person:oscar', 'assigned', 'to opal: hers'], 3)).toBe('to OPAL: hers');
    expect(say(['x', 'person:oscar', 'commented', 'to opal: hers'], 3)).toBe('to opal: hers');
    expect(say(['x', 'person:oscar'], 1)).toBe('OSCAR');
    expect(say(['x', 'service:destine-root@mesh.example'], 1)).toBe('destine-root');
    expect(say(['Resolved', '2026-11-23T12:00:00Z (after 640 s)'], 1)).toBe('2026-11-23T12:00:00Z (after 10 min 40 s)');
  });
});
