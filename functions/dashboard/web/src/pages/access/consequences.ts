import type { Schema } from '../../api/types';

/** Permissions that change, person by person, each in its order. */
export function byPerson(found: readonly Schema<'Change'>[]): { person: string; permissions: string[] }[] {
  const groups = new Map<string, string[]>();
  for (const { person, permission } of found) groups.set(person, [...(groups.get(person) ?? []), permission]);
  return [...groups].map(([person, permissions]) => ({ person, permissions: permissions.sort() }));
}
