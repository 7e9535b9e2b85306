import { describe, expect, it } from 'vitest';
import { differences, filtered, priorityOf, tookSeconds, type Row } from './incidents';

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
  const all = [incident({}), incident({ id: 'b', state: 'resolved', assignee: 'oscar' as never, priority: 'p2' })];
  const ids = (filter: Record<string, string[]>, search = '') => filtered(all, filter, search, 'oscar').map(({ id }) => id);
  it('leaves what it names', () => {
    expect(ids({})).toEqual(['a', 'b']);
    expect(ids({ state: ['resolved'] })).toEqual(['b']);
    expect(ids({ priority: ['P1'] })).toEqual(['a']);
    expect(ids({}, 'SHOP')).toEqual(['a', 'b']);
    expect(ids({}, 'blog')).toEqual([]);
  });
  it('knows what is mine, and what is nobody’s and not over', () => {
    expect(ids({ mine: ['me'] })).toEqual(['b']);
    expect(ids({ mine: ['nobody'] })).toEqual(['a']);
  });
});

describe('an incident', () => {
  it('took until its end, or until now', () => {
    const now = Date.parse('2026-11-23T12:01:30Z');
    expect(tookSeconds(incident({}), now)).toBe(90);
    expect(tookSeconds(incident({ resolved_at: '2026-11-23T12:00:10Z' as never }), now)).toBe(10);
  });
  it('without a priority matters as most do', () => {
    expect(priorityOf({} as never)).toBe('P3');
  });
  it('tells what somebody else changed', () => {
    const now = incident({ state: 'acknowledged', assignee: 'opal' as never });
    expect(differences(incident({}), now).map(({ before, after }) => [before, after])).toEqual([
      ['Open', 'Acknowledged'],
      ['Nobody', 'opal'],
    ]);
  });
});
