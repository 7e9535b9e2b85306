import { describe, expect, it } from 'vitest';
import type { Exception } from './documents';
import { stateAt, waitsFor } from './exception-state';
import { covers, endOf, isPattern, offers, shown } from './exceptions';

const now = Date.parse('2026-11-23T12:00:00Z');
const asked: Exception = {
  control: 'GCS-02',
  assets: '//storage.googleapis.com/*',
  reason: 'the buckets move',
  owner: 'oscar',
  until: '2026-12-23T12:00:00Z',
  requested_by: { kind: 'person', uid: 'oscar', email: 'oscar@meridian.example' },
  requested_at: '2026-11-23T11:00:00Z',
  state: 'requested',
};
const all = (): boolean => true;

describe('offers', () => {
  const check = (exception: Exception, me: string, can: (permission: string) => boolean, expected: string[]): void =>
    expect(offers(exception, me, can, now).map(({ action, refusal }) => (refusal ? `${action}: no` : action))).toEqual(expected);
  it('let somebody else decide', () => check(asked, 'audrey', all, ['approve', 'reject']));
  it('let nobody approve their own', () => check(asked, 'oscar', all, ['approve: no', 'withdraw']));
  it('say what is needed', () => check(asked, 'vera', () => false, ['approve: no', 'reject: no']));
  it('end what is in force', () => check({ ...asked, state: 'approved' }, 'audrey', all, ['revoke']));
  it('are none for what is over', () => check({ ...asked, state: 'approved', until: '2026-11-23T12:00:00Z' }, 'audrey', all, []));
});

it('an exception waits for whom it offers to approve it, and for nobody else', () => {
  const free = (exception: Exception, me: string, can: () => boolean): boolean =>
    offers(exception, me, can, now).some(({ action, refusal }) => action === 'approve' && !refusal);
  for (const exception of [asked, { ...asked, state: 'approved' as const }, { ...asked, until: '2026-11-23T12:00:00Z' }])
    for (const me of ['oscar', 'audrey'])
      for (const can of [all, () => false]) expect(waitsFor(exception, me, can, now)).toBe(free(exception, me, can));
  expect(waitsFor(asked, 'audrey', all, now)).toBe(true);
});

it('an exception is over at its instant', () => {
  expect(stateAt({ state: 'approved', until: '2026-11-23T12:00:00.001Z' }, now)).toBe('approved');
  expect(stateAt({ state: 'approved', until: '2026-11-23T12:00:00Z' }, now)).toBe('expired');
});

it('what ends within a week is shown', () => {
  const week = { ...asked, state: 'approved' as const, until: '2026-11-30T12:00:00Z' };
  const later = { ...week, until: '2026-11-30T12:00:01Z' };
  expect(shown([week, later, asked], 'expiring', now)).toEqual([week]);
  expect(shown([week, later, asked], 'requested', now)).toEqual([asked]);
});

it('an end is a day from tomorrow to a year away', () => {
  expect(endOf('2026-12-01', now)).toMatch(/^2026-1[12]-/);
  for (const day of ['', '2026-13-01', '2026-11-22', '2028-01-01', 'soon']) expect(endOf(day, now)).toBeUndefined();
});

it('a pattern names its host', () => {
  for (const [pattern, good] of [['//a.b/c', true], ['//a.b/*', true], ['//*/c', false], ['a.b/c', false], ['//a.b', false]] as const)
    expect(isPattern(pattern)).toBe(good);
});

it('stars stand for any characters, and nothing else does', () => {
  expect(covers('//a.b/*', '//a.b/c/d')).toBe(true);
  expect(covers('//a.b/c', '//a.b/cd')).toBe(false);
  expect(covers('//a.b/c.d', '//a.b/cxd')).toBe(false);
});
