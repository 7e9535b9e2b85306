import { collection, documentId, getDocs, limit, orderBy, query, where, type FieldPath } from '@firebase/firestore';
import { session } from '../session/session.svelte';
import { plain } from './plain';
import type { Stored } from './live.svelte';

/** Behind every text that begins with what stands before it. */
const END = '\uf8ff';

/**
 * Reads once, without listening: the documents whose id, or whose field, begins with a text, at most `most` of them in
 * their order.
 */
export async function lookUp<T>(name: string, field: string | undefined, begin: string, most: number): Promise<Stored<T>[]> {
  const { db } = session;
  // An id with a slash would be another path, which Firestore refuses.
  if (!db || begin.includes('/')) return [];
  const by: string | FieldPath = field ?? documentId();
  const asked = query(collection(db, name), where(by, '>=', begin), where(by, '<', begin + END), orderBy(by), limit(most));
  const { docs } = await getDocs(asked);
  return docs.map((one) => ({ ...(plain(one.data()) as T), id: one.id }));
}
