import { describe, expect, it } from 'vitest';
import { factorProblemOf } from './second-factor';

describe('a second factor that could not be changed', () => {
  it.each([
    ['auth/invalid-verification-code', 'code'],
    ['auth/requires-recent-login', 'stale'],
    ['auth/unverified-email', 'unverified'],
    ['auth/network-request-failed', 'unreachable'],
    ['auth/operation-not-allowed', 'not-offered'],
  ])('says of `%s` that it is %s', (code, problem) => expect(factorProblemOf({ code })).toBe(problem));
});
