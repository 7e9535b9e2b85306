import { describe, expect, it } from 'vitest';
import type { Person } from '../access/person';
import { FRESH_MS, isStale, refusalOf } from './standing';

const since = '2026-11-23T12:00:00Z';
const at = Date.parse(since);
const person = (state: Person['state']): Person => ({
  email: 'a@b.example',
  display_name: 'A',
  state,
  roles: [],
  elevations: {},
  sessions_since: since,
  policy_version: 1,
});

describe('who is let in', () => {
  it('is who is active and signed in after sessions were ended', () => {
    expect(refusalOf(person('active'), at)).toBeUndefined();
    expect(refusalOf(person('active'), at - 1000)).toBe('ended');
  });
  it('is nobody else', () => {
    expect(refusalOf(undefined, at)).toBe('unknown');
    expect(refusalOf(person('disabled'), at)).toBe('disabled');
    expect(refusalOf(person('invited'), at)).toBe('invited');
  });
});

describe('a sign-in', () => {
  it('is asked again a little before the API would refuse it', () => {
    expect(isStale(at, at + FRESH_MS - 20_000)).toBe(false);
    expect(isStale(at, at + FRESH_MS - 19_999)).toBe(true);
  });
});
