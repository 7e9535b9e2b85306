import { describe, expect, it } from 'vitest';
import type { Someone } from './people.svelte';
import { peopleFacets, peopleFiltered, until } from './roles';

const person = (id: string, more: Partial<Someone> = {}): Someone => ({
  id,
  email: `${id}@meridian.example`,
  display_name: id,
  state: 'active',
  roles: ['viewer'],
  ...more,
});
const people = [person('oscar', { roles: ['operator'] }), person('nina', { state: 'invited' }), person('zoe', { roles: [] })];

describe('people', () => {
  const check = (value: object, search: string, expected: string[]): void =>
    expect(peopleFiltered(people, value as never, search).map(({ id }) => id)).toEqual(expected);
  it('are found by name and address', () => {
    check({}, ' OSC', ['oscar']);
    check({}, 'meridian', ['oscar', 'nina', 'zoe']);
  });
  it('are found by state and role, and by having none', () => {
    check({ state: ['active'] }, '', ['oscar', 'zoe']);
    check({ role: ['operator', 'viewer'] }, '', ['oscar', 'nina']);
    check({ role: ['none'] }, '', ['zoe']);
  });
});

it('facets count what they would show', () =>
  expect(peopleFacets(people).map(({ options }) => options.map(({ count }) => count))).toEqual([
    [2, 1, 0],
    [1, 1, 0, 0, 0, 0, 1],
  ]));

it('a role is lent until its instant, unless it is theirs', () => {
  const now = Date.parse('2026-11-23T12:00:00Z');
  const elevations = { admin: '2026-11-23T12:00:01Z', viewer: '2026-11-23T13:00:00Z', owner: '2026-11-23T12:00:00Z' };
  const lent = { roles: ['viewer' as const], elevations };
  expect(until(lent, 'admin', now)).toBe('2026-11-23T12:00:01Z');
  expect(until(lent, 'viewer', now)).toBeUndefined();
  expect(until(lent, 'owner', now)).toBeUndefined();
});
