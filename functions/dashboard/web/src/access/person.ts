/** A person as `users/{uid}` holds them; every decision of the mesh is made from this document. */
export interface Person {
  email: string;
  display_name: string;
  state: 'invited' | 'active' | 'disabled';
  roles: Role[];
  /** Roles until an instant (ISO 8601). */
  elevations: Partial<Record<Role, string>>;
  /** Roles that count only in a session that began with a second factor. */
  second_factor_for?: Role[];
  /** Sessions that began before this instant are over (ISO 8601). */
  sessions_since: string;
  policy_version: number;
}

export const ROLES = ['viewer', 'operator', 'auditor', 'treasurer', 'admin', 'owner'] as const;
export type Role = (typeof ROLES)[number];

/** The roles that a person holds at an instant: standing ones, and elevations that have not ended. */
export function rolesAt(person: Pick<Person, 'roles' | 'elevations'>, now: number): Role[] {
  const elevated = ROLES.filter((role) => {
    const until = person.elevations?.[role];
    return until !== undefined && now < Date.parse(until);
  });
  return ROLES.filter((role) => person.roles.includes(role) || elevated.includes(role));
}

/** The roles of those that count in a session. */
export const counting = (held: readonly Role[], person: Pick<Person, 'second_factor_for'>, secondFactor: boolean): Role[] =>
  held.filter((role) => secondFactor || !person.second_factor_for?.includes(role));

/** When the next elevation ends, in milliseconds; what the person may do changes then without any write. */
export function nextEnd(person: Pick<Person, 'elevations'>, now: number): number | undefined {
  const ends = Object.values(person.elevations ?? {})
    .map((until) => Date.parse(until))
    .filter((end) => end > now);
  return ends.length > 0 ? Math.min(...ends) : undefined;
}
