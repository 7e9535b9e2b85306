import { concat, fromBase64, type Bytes } from './bytes';
import { TlogError, type Mistake } from './error';

/** Bytes of a hash: SHA-256. */
const HASH_BYTES = 32;
/** What sets leaves apart from nodes, so that neither can pass as the other (RFC 6962, 2.1). */
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

export const sha256 = async (bytes: Bytes): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));

/** The hash of an entry as a leaf of the tree. */
export const leafHash = (entry: Uint8Array): Promise<Bytes> => sha256(concat(LEAF, entry));

/** The hash of a node from those of its two children. */
export const nodeHash = (left: Uint8Array, right: Uint8Array): Promise<Bytes> => sha256(concat(NODE, left, right));

/** Reads a hash from Base64. */
export function hashOf(text: string, mistake: Mistake): Bytes {
  const bytes = fromBase64(text, mistake);
  if (bytes.length !== HASH_BYTES) throw new TlogError(mistake, `\`${text}\` is no hash`);
  return bytes;
}
