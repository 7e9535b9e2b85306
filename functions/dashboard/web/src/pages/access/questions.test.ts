import { describe, expect, it } from 'vitest';
import { asked, because, permissions, questionOf } from './questions';

describe('a question', () => {
  it('is read from the address', () => {
    expect(questionOf(new URLSearchParams('ask=why'))).toBe('why');
    expect(questionOf(new URLSearchParams('ask=when'))).toBe('who');
  });
  it('is asked when everything that it needs is chosen', () => {
    expect(asked('why', 'oscar', '')).toBeUndefined();
    expect(asked('why', 'oscar', 'audits.run')).toEqual({
      path: '/access/why',
      query: { person: 'oscar', permission: 'audits.run' },
    });
    expect(asked('what-if', 'oscar', 'audits.run')).toBeUndefined();
  });
});

it('every kind of reason has words', () => {
  expect(because({ kind: 'lacking', roles: ['viewer', 'operator'] })).toBe('viewer, operator does not hold it');
  expect(because({ kind: 'elevation', role: 'admin', until: '2026-11-23T12:00:00Z' })).toBe('as admin for a while');
  expect(because({ kind: 'second_factor_missing', role: 'admin' })).toBe('as admin they would, with a second factor');
  for (const kind of ['unknown', 'invited', 'disabled', 'session_ended', 'sign_in_too_old'] as const)
    expect(because({ kind })).toMatch(/\w/);
});

it('permissions are those of the table', () => expect(permissions).toContain('grants.approve'));
