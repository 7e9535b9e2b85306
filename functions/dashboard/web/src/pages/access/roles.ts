import { ROLES, type Role } from '../../access/person';
import type { Facet, FilterValue } from '../../ui/filters';
import type { Tone } from '../../ui/state';
import type { Someone } from './people.svelte';
import { roleTitles, text } from './text';

export const stateTones: Record<Someone['state'], Tone> = { active: 'ok', invited: 'info', disabled: 'neutral' };

/** Roles as words of a sentence. */
export const roleWords = (roles: readonly Role[]): string => roles.map((role) => roleTitles[role].toLowerCase()).join(', ');

/** Until when somebody has a role that is not theirs for good; nothing when it is, or is over. */
export function until(person: Pick<Someone, 'roles' | 'elevations'>, role: Role, now: number): string | undefined {
  const end = person.elevations?.[role];
  return !person.roles.includes(role) && end && Date.parse(end) > now ? end : undefined;
}

const called = (person: Someone, search: string): boolean => {
  const wanted = search.trim().toLowerCase();
  return person.display_name.toLowerCase().includes(wanted) || person.email.toLowerCase().includes(wanted);
};

/** Nobody gave them any. */
const NONE = 'none';

/** What there is to find people by, with how many of them there are. */
export function peopleFacets(people: readonly Someone[]): Facet[] {
  const count = (of: (person: Someone) => boolean): number => people.filter(of).length;
  const states = (['active', 'invited', 'disabled'] as const).map((value) => ({
    value,
    title: text.states[value],
    count: count(({ state }) => state === value),
  }));
  const roles = ROLES.map((value) => ({ value, title: roleTitles[value], count: count((person) => person.roles.includes(value)) }));
  const none = { value: NONE, title: text.people.noRole, count: count((person) => person.roles.length === 0) };
  return [
    { key: 'state', title: text.people.state, options: states },
    { key: 'role', title: text.people.role, options: [...roles, none] },
  ];
}

/** People in any of the states, with any of the roles, who are called so. */
export const peopleFiltered = (people: readonly Someone[], value: FilterValue, search: string): Someone[] =>
  people.filter(
    (person) =>
      (value['state']?.includes(person.state) ?? true) &&
      (value['role']?.some((role) => (role === NONE ? person.roles.length === 0 : person.roles.includes(role as Role))) ?? true) &&
      called(person, search),
  );
