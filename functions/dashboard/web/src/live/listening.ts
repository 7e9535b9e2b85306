import {
  collection,
  collectionGroup,
  doc,
  limit,
  onSnapshot,
  orderBy,
  query,
  where,
  type Firestore,
  type OrderByDirection,
  type QueryDocumentSnapshot,
  type WhereFilterOp,
} from '@firebase/firestore';
import { session } from '../session/session.svelte';
import { plain } from './plain';
import type { Stored } from './live.svelte';

/** What to listen to. Plain values, so that equal ones can be told. */
export type Wanted =
  | { document: string }
  | {
      collection: string;
      /** All collections of that name, wherever they are. */
      group?: boolean;
      where?: [field: string, operator: WhereFilterOp, value: unknown][];
      order?: [field: string, direction?: OrderByDirection][];
      /** How many at most; everything has a bound. */
      limit: number;
    };

interface Ears {
  heard: (documents: Stored<unknown>[], more: boolean, fromCache: boolean) => void;
  broke: (refused: boolean) => void;
}

/**
 * The most that one query may ask for. Firestore refuses a limit above 10,000, and one more than is shown is asked for;
 * the emulator ends a connection on which 10,000 messages wait, and other listeners share it.
 */
export const LISTENED_MAX = 9_500;

/** The first try after a listener broke, in milliseconds; then twice as long, up to the last. */
const AGAIN_FIRST_MS = 1_000;
const AGAIN_LAST_MS = 30_000;

/** One listener, which begins again by itself after it broke. */
export class Listening {
  private unsubscribe: () => void = () => undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private wait = AGAIN_FIRST_MS;
  private over = false;

  constructor(
    private readonly wanted: Wanted,
    private readonly ears: Ears,
  ) {
    this.begin();
  }

  /** Begins anew at once. */
  again(): void {
    clearTimeout(this.timer);
    this.unsubscribe();
    this.wait = AGAIN_FIRST_MS;
    this.begin();
  }

  stop(): void {
    this.over = true;
    clearTimeout(this.timer);
    this.unsubscribe();
  }

  private begin(): void {
    const { db } = session;
    if (!db || this.over) return;
    const broke = (error: { code: string }): void => {
      if (this.over) return;
      const refused = error.code === 'permission-denied';
      this.ears.broke(refused);
      // A right may come back as well: an elevation begins, a role is given.
      this.timer = setTimeout(() => this.begin(), refused ? AGAIN_LAST_MS : this.wait);
      this.wait = Math.min(this.wait * 2, AGAIN_LAST_MS);
    };
    this.unsubscribe = 'document' in this.wanted ? this.one(db, this.wanted.document, broke) : this.many(db, broke);
  }

  private one(db: Firestore, path: string, broke: (error: { code: string }) => void): () => void {
    return onSnapshot(
      doc(db, path),
      { includeMetadataChanges: true },
      (snapshot) => {
        const documents = snapshot.exists() ? [stored(snapshot)] : [];
        this.heard(documents, false, snapshot.metadata.fromCache);
      },
      broke,
    );
  }

  private many(db: Firestore, broke: (error: { code: string }) => void): () => void {
    if ('document' in this.wanted) throw new Error('a document is no query');
    const { collection: name, group = false, where: filters = [], order = [], limit: most } = this.wanted;
    const base = group ? collectionGroup(db, name) : collection(db, name);
    const asked = query(
      base,
      ...filters.map(([field, operator, value]) => where(field, operator, value)),
      ...order.map(([field, direction]) => orderBy(field, direction)),
      // One more than is shown tells whether there are more.
      limit(most + 1),
    );
    return onSnapshot(
      asked,
      { includeMetadataChanges: true },
      (snapshot) => {
        const documents = snapshot.docs.slice(0, most).map(stored);
        this.heard(documents, snapshot.size > most, snapshot.metadata.fromCache);
      },
      broke,
    );
  }

  private heard(documents: Stored<unknown>[], more: boolean, fromCache: boolean): void {
    this.wait = AGAIN_FIRST_MS;
    this.ears.heard(documents, more, fromCache);
  }
}

function stored(snapshot: QueryDocumentSnapshot): Stored<unknown> {
  return { ...(plain(snapshot.data()) as object), id: snapshot.id };
}
