import type { Role } from '../../access/person';
import type { Tone } from '../../ui/state';
import type { Someone } from './people.svelte';
import { roleTitles } from './text';

export const stateTones: Record<Someone['state'], Tone> = { active: 'ok', invited: 'info', disabled: 'neutral' };

/** Roles as words of a sentence. */
export const roleWords = (roles: readonly Role[]): string => roles.map((role) => roleTitles[role].toLowerCase()).join(', ');

/** Until when somebody has a role that is not theirs for good; nothing when it is, or is over. */
export function until(person: Pick<Someone, 'roles' | 'elevations'>, role: Role, now: number): string | undefined {
  const end = person.elevations?.[role];
  return !person.roles.includes(role) && end && Date.parse(end) > now ? end : undefined;
}

/** Whether what is looked for is in a name or an address. */
export const called = (person: Someone, search: string): boolean => {
  const wanted = search.trim().toLowerCase();
  return person.display_name.toLowerCase().includes(wanted) || person.email.toLowerCase().includes(wanted);
};
