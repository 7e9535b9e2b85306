import { expect, it } from 'vitest';
import type { Finding } from './documents';
import { history, told } from './history';

const finding = {
  first_seen: '2026-11-20T00:00:00Z',
  opened_at: '2026-11-20T00:00:00Z',
  last_seen: '2026-11-20T00:00:00Z',
  times_opened: 1,
  evidence: 'off',
} as Finding;
const keys = (more: Partial<Finding>): string[] => history({ ...finding, ...more }).map(({ key }) => key);

it('a finding tells what it knows of its past, newest first', () => {
  expect(keys({})).toEqual(['first']);
  expect(keys({ last_seen: '2026-11-21T00:00:00Z' })).toEqual(['last', 'first']);
  expect(
    keys({
      opened_at: '2026-11-22T00:00:00Z',
      last_seen: '2026-11-22T00:00:00Z',
      times_opened: 2,
      resolved_at: '2026-11-23T00:00:00Z',
    }),
  ).toEqual(['resolved', 'reopened', 'first']);
});

it('records of the journal are told by their verbs', () =>
  expect(told([{ id: 'r', action: 'finding.resolved', reason: 'holds again', time: '2026-11-23T00:00:00Z' }])).toEqual([
    { key: 'r', title: 'Resolved', detail: 'holds again', moment: '2026-11-23T00:00:00Z', tone: 'ok' },
  ]));
