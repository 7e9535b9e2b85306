import { describe, expect, it } from 'vitest';
import { stateAt, waitsFor } from './grant-state';
import { grouped, offers, type Grant } from './grants';

const now = Date.parse('2026-11-23T12:00:00Z');
const asked: Grant = {
  person: 'oscar',
  role: 'admin',
  minutes: 60,
  reason: 'Adam is ill',
  state: 'requested',
  requested_at: '2026-11-23T11:00:00Z',
  extended: false,
  break_glass: false,
};
const active: Grant = { ...asked, state: 'active', expires_at: '2026-11-23T12:00:01Z' };
const all = (): boolean => true;
const none = (): boolean => false;

it('an elevation is over at its instant, written down or not', () => {
  expect(stateAt(active, now)).toBe('active');
  expect(stateAt({ ...active, expires_at: '2026-11-23T12:00:00Z' }, now)).toBe('expired');
  expect(stateAt({ ...asked, requested_at: '2026-11-22T12:00:00Z' }, now)).toBe('withdrawn');
});

describe('offers', () => {
  const check = (grant: Grant, me: string, can: (permission: string) => boolean, expected: string[]): void =>
    expect(offers(grant, me, can, now).map(({ action, refusal }) => (refusal ? `${action}: no` : action))).toEqual(expected);

  it('let others decide', () => check(asked, 'adam', all, ['approve', 'reject']));
  it('let nobody decide about their own', () => check(asked, 'oscar', all, ['withdraw']));
  it('say what is needed', () => check(asked, 'vera', none, ['approve: no', 'reject: no']));
  it('let who holds it end it, and not extend it', () => {
    check(active, 'oscar', none, ['revoke']);
    check(active, 'oscar', all, ['extend: no', 'revoke']);
  });
  it('extend once', () => check({ ...active, extended: true }, 'adam', all, ['extend: no', 'revoke']));
  it('are none for what is over', () => check({ ...active, state: 'revoked' }, 'adam', all, []));
});

it('an elevation waits for whom it offers to approve it, and for nobody else', () => {
  const free = (grant: Grant, me: string, can: () => boolean): boolean =>
    offers(grant, me, can, now).some(({ action, refusal }) => action === 'approve' && !refusal);
  for (const grant of [asked, active, { ...asked, requested_at: '2026-11-22T12:00:00Z' }])
    for (const me of ['oscar', 'adam'])
      for (const can of [all, none]) expect(waitsFor(grant, me, can, now)).toBe(free(grant, me, can));
  expect(waitsFor(asked, 'adam', all, now)).toBe(true);
});

it('every elevation is in one list', () => {
  const past = { ...active, state: 'rejected' as const };
  expect(grouped([asked, active, past], now)).toEqual({ waiting: [asked], active: [active], past: [past] });
});
