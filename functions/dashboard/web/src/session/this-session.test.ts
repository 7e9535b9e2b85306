import { describe, expect, it } from 'vitest';
import { sessionOf } from './this-session';

const told = {
  authTime: 'Mon, 23 Nov 2026 09:00:00 GMT',
  expirationTime: 'Mon, 23 Nov 2026 10:00:00 GMT',
  signInProvider: 'password',
  signInSecondFactor: null,
};

describe('the session of this browser', () => {
  it('tells since when, and until when its token acts', () => {
    expect(sessionOf(told)).toEqual({
      since: '2026-11-23T09:00:00.000Z',
      with: 'password',
      secondFactor: false,
      tokenUntil: '2026-11-23T10:00:00.000Z',
    });
  });
  it.each([
    ['google.com', 'google'],
    ['custom', 'other'],
    [null, 'other'],
  ])('began with `%s`: %s', (signInProvider, by) => expect(sessionOf({ ...told, signInProvider }).with).toBe(by));
  it('knows that a second factor was shown', () => {
    expect(sessionOf({ ...told, signInSecondFactor: 'totp' }).secondFactor).toBe(true);
  });
});
