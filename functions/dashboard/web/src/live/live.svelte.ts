import { untrack } from 'svelte';
import { session } from '../session/session.svelte';
import { Listening, type Wanted } from './listening';
import { Sharing } from './sharing';

/** How current something is that is listened to. */
export type LiveState = 'loading' | 'live' | 'offline' | 'refused' | 'broken';

/** Documents or one document, as they are now. */
export interface Live<T> {
  readonly value: T;
  readonly state: LiveState;
  /** Whether something was ever heard: before that, show a skeleton. */
  readonly known: boolean;
  /** There are more than were asked for. */
  readonly more: boolean;
}

/** A document with its id. */
export type Stored<T> = T & { id: string };

/** How long a listener outlives its last reader, in milliseconds: going back to a page shows it at once. */
const GRACE_MS = 20_000;

/** One listener, and what it heard last. */
class Heard {
  documents: Stored<unknown>[] = $state.raw([]);
  state: LiveState = $state('loading');
  known = $state(false);
  more = $state(false);
  private roles = session.roles.join();
  private readonly listening: Listening;

  constructor(wanted: Wanted) {
    this.listening = new Listening(wanted, {
      heard: (documents, more, fromCache) => {
        this.documents = documents;
        this.more = more;
        // From memory alone nothing is known before the server spoke once.
        if (!fromCache) this.known = true;
        this.state = fromCache ? (this.known ? 'offline' : 'loading') : 'live';
      },
      broke: (refused) => {
        this.state = refused ? 'refused' : 'broken';
        if (refused) {
          this.documents = [];
          this.known = true;
        }
      },
    });
  }

  /** Asks again when the roles are others: what was refused may be open now, and what is open may be refused. */
  under(roles: string): void {
    if (roles === this.roles) return;
    this.roles = roles;
    this.listening.again();
  }

  end(): void {
    this.listening.stop();
  }
}

const sharing = new Sharing<Heard>(GRACE_MS);
let sharedBy = -1;

function join(wanted: Wanted): { shared: Heard; release: () => void } {
  // Listeners of another client of Firestore are nobody's any more.
  if (sharedBy !== session.generation) sharing.endAll();
  sharedBy = session.generation;
  return sharing.take(JSON.stringify(wanted), () => new Heard(wanted));
}

/** Follows what `wanted` says for as long as the component lives; it may change, and be nothing. */
function follow(wanted: () => Wanted | undefined): { readonly current: Heard | undefined } {
  let current: Heard | undefined = $state.raw();
  $effect(() => {
    const next = session.phase === 'in' ? wanted() : undefined;
    void session.generation;
    if (!next) {
      current = undefined;
      return undefined;
    }
    const { shared, release } = untrack(() => join(next));
    current = shared;
    return release;
  });
  $effect(() => current?.under(session.roles.join()));
  return {
    get current() {
      return current;
    },
  };
}

/**
 * Listens to the documents of a query, at most `limit` of them. Call it while a component is set up; what it wants may
 * read reactive state. Equal queries share one listener.
 */
export function liveQuery<T>(wanted: () => Wanted | undefined): Live<Stored<T>[]> {
  const followed = follow(wanted);
  return {
    get value() {
      return (followed.current?.documents ?? []) as Stored<T>[];
    },
    get state() {
      return followed.current?.state ?? 'loading';
    },
    get known() {
      return followed.current?.known ?? false;
    },
    get more() {
      return followed.current?.more ?? false;
    },
  };
}

/** Listens to one document; its value is `undefined` while there is none. */
export function liveDocument<T>(path: () => string | undefined): Live<Stored<T> | undefined> {
  const query = liveQuery<T>(() => {
    const at = path();
    return at === undefined ? undefined : { document: at };
  });
  return {
    get value() {
      return query.value[0];
    },
    get state() {
      return query.state;
    },
    get known() {
      return query.known;
    },
    more: false,
  };
}
