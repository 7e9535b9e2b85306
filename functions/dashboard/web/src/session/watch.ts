import { doc, onSnapshot, type Firestore } from '@firebase/firestore';
import type { Person } from '../access/person';
import { plain } from '../live/plain';

/** The first try after a listener broke, in milliseconds; then twice as long, up to the last. */
const AGAIN_FIRST_MS = 1_000;
const AGAIN_LAST_MS = 8_000;

interface Watcher {
  changed: (person: Person | undefined) => void;
  /** The listener broke: the rules refused it, or Firestore cannot be reached. */
  failed: (refused: boolean) => void;
}

/** Follows a person's own document until the returned function is called, also after the listener broke. */
export function watchPerson(db: Firestore, uid: string, watcher: Watcher): () => void {
  let stop = (): void => undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wait = AGAIN_FIRST_MS;
  let over = false;

  const listen = (): void => {
    stop = onSnapshot(
      doc(db, 'users', uid),
      (snapshot) => {
        wait = AGAIN_FIRST_MS;
        // What comes from memory alone says nothing of whether there is a document, but that Firestore is out of reach.
        if (!snapshot.exists() && snapshot.metadata.fromCache) return watcher.failed(false);
        watcher.changed(snapshot.exists() ? (plain(snapshot.data()) as Person) : undefined);
      },
      (error) => {
        if (over) return;
        watcher.failed(error.code === 'permission-denied');
        timer = setTimeout(listen, wait);
        wait = Math.min(wait * 2, AGAIN_LAST_MS);
      },
    );
  };
  listen();

  return () => {
    over = true;
    clearTimeout(timer);
    stop();
  };
}
