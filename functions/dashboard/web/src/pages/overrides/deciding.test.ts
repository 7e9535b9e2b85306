import { describe, expect, it } from 'vitest';
import { actions, refusal, waitsFor } from './deciding';
import { override } from './fixtures';
import { text } from './text';

const asked = Date.parse('2026-11-28T07:00:00Z');
const me = (uid: string, ...permissions: string[]) => ({ uid, can: (permission: string) => permissions.includes(permission) });
const operator = (uid: string) => me(uid, 'overrides.request', 'overrides.approve', 'overrides.lift', 'overrides.review');
const offered = (...given: Parameters<typeof override>) =>
  actions(override(...given), operator('opal'), asked, (permission) => permission).map(([action]) => action);

describe('what is offered', () => {
  it('follows the state', () => {
    expect(offered()).toEqual(['approve', 'reject']);
    expect(offered({ state: 'active' })).toEqual(['lift']);
    expect(offered({ state: 'expired' })).toEqual([]);
    const kill = { control: 'trading', effect: { kind: 'kill' as const }, reason: 'why' };
    expect(offered({ state: 'active', change: kill })).toEqual(['confirm', 'lift']);
    expect(offered({ state: 'active', change: { ...kill, minutes: 60 } })).toEqual(['lift']);
  });

  it('is refused with the permission that is missing', () =>
    expect(actions(override(), me('vera'), asked, (permission) => permission)).toEqual([
      ['approve', 'overrides.approve'],
      ['reject', 'overrides.approve'],
    ]));

  it('is a review after an emergency, for somebody else, whatever became of it', () => {
    const review = { due_at: '2026-11-29T07:00:00Z' };
    expect(offered({ state: 'lifted', review })).toEqual(['review']);
    expect(offered({ state: 'lifted', review: { ...review, done: { by: { kind: 'person', uid: 'opal' }, at: '', reason: '' } } })).toEqual([]);
    expect(refusal('review', override({ state: 'active', review }), 'oscar', asked)).toBe(text.refusals.ownReview);
  });
});

describe('refusals', () => {
  it('keep who asked from agreeing, and from rejecting, but not from withdrawing', () => {
    expect(refusal('approve', override(), 'oscar', asked)).toBe(text.refusals.own);
    expect(refusal('reject', override(), 'oscar', asked)).toBe(text.refusals.ownReject);
    expect(refusal('withdraw', override(), 'oscar', asked)).toBeUndefined();
  });

  it('keep a person from agreeing twice', () => {
    const once = override({ approvals_needed: 2, approvals: [{ by: 'opal', at: '', hash: '6f05', signed_in_at: '' }] });
    expect(refusal('approve', once, 'opal', asked)).toBe(text.refusals.agreed);
    expect(refusal('approve', once, 'olivia', asked)).toBeUndefined();
  });

  it('end the wait after a quarter of an hour, and not a moment before', () => {
    expect(refusal('approve', override(), 'opal', asked + 15 * 60_000 - 1)).toBeUndefined();
    expect(refusal('approve', override(), 'opal', asked + 15 * 60_000)).toBe(text.refusals.lapsed);
  });

  it('do not lift twice', () => {
    const lift = { by: { kind: 'person' as const, uid: 'opal' }, at: '', reason: '' };
    expect(refusal('lift', override({ state: 'active', lift }), 'opal', asked)).toBe(text.refusals.lifting);
  });
});

it('waits for whoever may agree, and for nobody else', () => {
  expect(waitsFor(override(), operator('opal'), asked)).toBe(true);
  expect(waitsFor(override(), operator('oscar'), asked)).toBe(false);
  expect(waitsFor(override(), me('vera'), asked)).toBe(false);
  expect(waitsFor(override({ state: 'active', review: { due_at: '' } }), operator('opal'), asked)).toBe(true);
});
