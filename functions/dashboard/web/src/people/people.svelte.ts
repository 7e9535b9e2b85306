import { rolesWith } from '../access/permissions';
import type { Role } from '../access/person';
import { readAll } from '../api/pages';
import { Problem } from '../api/problem';
import type { Schema } from '../api/types';
import type { Actor } from '../documents/actor';
import { session } from '../session/session.svelte';
import { text } from './text';

/** The directory: more people than this have another way to be found. */
const PEOPLE_MAX = 1_000;

type Somebody = Pick<Schema<'PersonView'>, 'uid' | 'display_name' | 'roles' | 'state'>;

/** The names of people, as everybody may know them. Without an answer ids and addresses stand for them. */
class People {
  private known: Somebody[] = $state.raw([]);
  private readOf: string | undefined;
  private readonly called = $derived(new Map(this.known.map((one) => [one.uid, one.display_name])));

  /** Reads the directory once for each person who signs in. */
  load(): void {
    if (this.readOf === session.uid || !session.can('directory.read')) return;
    const reader = session.uid;
    this.readOf = reader;
    this.known = [];
    readAll<Schema<'PersonView'>>('/people', {}, PEOPLE_MAX).then(
      ({ items }) => {
        if (session.uid === reader) this.known = items;
      },
      (error: unknown) => {
        if (!(error instanceof Problem)) throw error;
        this.readOf = undefined;
      },
    );
  }

  readonly name = (uid: string): string => (uid === session.uid ? text.you : (this.called.get(uid) ?? uid));

  readonly actor = (actor: Actor): string => {
    if (actor.kind === 'service') return actor.account.split('@')[0] ?? actor.account;
    const name = this.name(actor.uid);
    return name === actor.uid ? (actor.email ?? actor.uid) : name;
  };

  /** Who is active and holds a permission by a standing role. */
  holding(permission: string): { uid: string; name: string }[] {
    const roles: readonly Role[] = rolesWith(permission);
    return this.known
      .filter((one) => one.state === 'active' && one.roles.some((role) => roles.includes(role as Role)))
      .map(({ uid, display_name: name }) => ({ uid, name }));
  }

  /** The names of those who hold a permission, but for some; the reader stands first. */
  names(permission: string, except: readonly (string | undefined)[]): string[] {
    const holding = this.holding(permission).filter(({ uid }) => !except.includes(uid));
    const you = holding.filter(({ uid }) => uid === session.uid).map(() => text.you);
    const others = holding.filter(({ uid }) => uid !== session.uid).map(({ name }) => name);
    return [...you, ...others.sort((one, other) => one.localeCompare(other))];
  }

  get loaded(): boolean {
    return this.known.length > 0;
  }
}

export const people = new People();

/** Why somebody may not, with what they lack and who has it. */
export function lacking(permission: string): string {
  const roles = rolesWith(permission);
  return text.needs(permission, roles.length > 0 ? text.roles.of(roles.join(' or ')) : text.roles.none);
}

/** The refusal of a control that needs a permission. */
export const refusalWithout = (permission: string): string | undefined =>
  session.can(permission) ? undefined : lacking(permission);
