import { ROLES, type Role } from '../../access/person';
import type { Schema } from '../../api/types';
import { conflicts } from './separation';

/** What somebody wants a person's roles to be, and what they were when this was begun. */
export interface Draft {
  base: Role[];
  wanted: Role[];
}

export type Drafts = Readonly<Record<string, Draft>>;

const ordered = (roles: Iterable<Role>): Role[] => {
  const set = new Set(roles);
  return ROLES.filter((role) => set.has(role));
};

export const same = (one: readonly Role[], other: readonly Role[]): boolean => ordered(one).join() === ordered(other).join();

/** Gives or takes one role; a draft that wants what is there already is none. */
export function toggled(drafts: Drafts, uid: string, roles: readonly Role[], role: Role): Drafts {
  const draft = drafts[uid] ?? { base: ordered(roles), wanted: ordered(roles) };
  const wanted = draft.wanted.includes(role) ? draft.wanted.filter((one) => one !== role) : ordered([...draft.wanted, role]);
  const { [uid]: _, ...rest } = drafts;
  return same(wanted, draft.base) ? rest : { ...rest, [uid]: { base: draft.base, wanted } };
}

/** The changes, as the API is asked what they would do. */
export const changes = (drafts: Drafts): Schema<'RoleChange'>[] =>
  Object.entries(drafts).flatMap(([person, { base, wanted }]) =>
    ROLES.filter((role) => base.includes(role) !== wanted.includes(role)).map((role) => ({
      person,
      role,
      change: wanted.includes(role) ? ('give' as const) : ('take' as const),
    })),
  );

/** Does again to what somebody else made of the roles meanwhile what was done to what they were. */
export function rebased({ base, wanted }: Draft, now: readonly Role[]): Draft {
  const given = wanted.filter((role) => !base.includes(role));
  const taken = base.filter((role) => !wanted.includes(role));
  return { base: ordered(now), wanted: ordered([...now.filter((role) => !taken.includes(role)), ...given]) };
}

/** A reason why a draft would be refused. */
export type Objection =
  | { kind: 'apart'; uid: string; roles: readonly [Role, Role] }
  | { kind: 'last-owner' }
  | { kind: 'own'; uid: string }
  | { kind: 'owner-makes-owner'; uid: string };

interface Someone {
  id: string;
  state: string;
  roles: readonly Role[];
}

/** What can be told without asking: the API is asked all the same, and it decides. */
export function objections(people: readonly Someone[], drafts: Drafts, me: { uid: string | undefined; owner: boolean }): Objection[] {
  const found: Objection[] = [];
  for (const [uid, { base, wanted }] of Object.entries(drafts)) {
    if (uid === me.uid) found.push({ kind: 'own', uid });
    for (const roles of conflicts(wanted)) found.push({ kind: 'apart', uid, roles });
    if (!me.owner && base.includes('owner') !== wanted.includes('owner')) found.push({ kind: 'owner-makes-owner', uid });
  }
  const after = (person: Someone): readonly Role[] => drafts[person.id]?.wanted ?? person.roles;
  const owners = (roles: (person: Someone) => readonly Role[]): number =>
    people.filter((person) => person.state === 'active' && roles(person).includes('owner')).length;
  if (owners(after) === 0 && owners((person) => person.roles) > 0) found.push({ kind: 'last-owner' });
  return found;
}

/** Whether this person alone keeps the mesh from having no owner. */
export const isLastOwner = (people: readonly Someone[], uid: string): boolean => {
  const owners = people.filter((person) => person.state === 'active' && person.roles.includes('owner'));
  return owners.length === 1 && owners[0]?.id === uid;
};
