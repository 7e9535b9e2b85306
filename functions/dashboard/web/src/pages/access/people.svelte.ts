import { ask } from '../../api/client';
import { readAll } from '../../api/pages';
import { Problem } from '../../api/problem';
import type { Schema } from '../../api/types';
import type { Person } from '../../access/person';
import { liveQuery, type LiveState } from '../../live/live.svelte';
import { session } from '../../session/session.svelte';

/** A person, as much of them as whoever looks may see. */
export interface Someone extends Pick<Person, 'email' | 'display_name' | 'state' | 'roles'> {
  id: string;
  elevations?: Person['elevations'];
  sessions_since?: string;
  policy_version?: number;
  invitation?: { expires_at: string } | null;
}

/** Everybody: a mesh of more people than this wants another page. */
const PEOPLE_MAX = 1_000;

export interface People {
  readonly value: readonly Someone[];
  readonly known: boolean;
  readonly state: LiveState;
  readonly more: boolean;
  name(uid: string): string;
  reload(): void;
}

/** Listens to everybody, or asks for names and roles alone where the documents are not for this person. */
export function everybody(): People {
  const live = liveQuery<Someone>(() => (session.can('people.read') ? { collection: 'users', limit: PEOPLE_MAX } : undefined));
  let asked: Someone[] = $state.raw([]);
  let state: LiveState = $state('loading');
  let more = $state(false);

  async function load(): Promise<void> {
    try {
      const read = await readAll<Schema<'PersonView'>>('/people', {}, PEOPLE_MAX);
      asked = read.items.map(({ uid, email, display_name, state, roles }) => ({ id: uid, email, display_name, state, roles }));
      more = read.more;
      state = 'live';
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      state = error.status === 403 ? 'refused' : 'broken';
    }
  }

  $effect(() => {
    if (!session.can('people.read') && session.can('directory.read')) void load();
  });

  const lives = $derived(session.can('people.read'));
  const value = $derived(
    [...(lives ? live.value : asked)].sort((one, other) => one.display_name.localeCompare(other.display_name)),
  );
  const names = $derived(new Map(value.map((person) => [person.id, person.display_name])));
  return {
    get value() {
      return value;
    },
    get known() {
      return lives ? live.known : state !== 'loading';
    },
    get state() {
      return lives ? live.state : state;
    },
    get more() {
      return lives ? live.more : more;
    },
    name: (uid) => names.get(uid) ?? uid,
    reload: () => void load(),
  };
}

/** A person as they are now, with the version that a change of them names. */
export async function personNow(uid: string): Promise<{ person: Schema<'PersonView'>; version: string | undefined }> {
  const { body, etag } = await ask<Schema<'PersonView'>>(`/people/${encodeURIComponent(uid)}`);
  return { person: body, version: etag };
}
