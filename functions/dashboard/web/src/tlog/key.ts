import { concat, equal, fromBase64, hex, utf8, type Bytes } from './bytes';
import { verifyEd25519 } from './ed25519';
import { TlogError } from './error';
import { sha256 } from './hash';

/** How a key signs, as signed notes number it: the text itself, or the text with the time at which it was seen. */
export const ALGORITHMS = { ed25519: 0x01, cosignature: 0x04 } as const;
export type Algorithm = keyof typeof ALGORITHMS;

const PUBLIC_BYTES = 32;
const ID_BYTES = 4;
const SIGNATURE_BYTES = 64;
/** A cosignature's time: seconds since 1970 in eight bytes, before the signature. */
const TIME_BYTES = 8;
/** Longer names do not fit into other formats of the same family. */
const NAME_BYTES_MAX = 255;

/** The public half of a named key, written as `name+id+data` (c2sp.org/signed-note, "Verifier keys"). */
export interface VerifierKey {
  name: string;
  algorithm: Algorithm;
  public: Bytes;
  id: Bytes;
}

export const isKeyName = (name: string): boolean => !/^$|[\s+]/u.test(name) && utf8(name).length <= NAME_BYTES_MAX;

export async function parseKey(text: string): Promise<VerifierKey> {
  const refused = (): TlogError => new TlogError('key', `\`${text}\` is no verifier key of Ed25519`);
  // Base64 may hold `+` as well, a name and an id may not.
  const [name = '', id = '', ...rest] = text.split('+');
  const data = fromBase64(rest.join('+'), 'key');
  const algorithm = (Object.keys(ALGORITHMS) as Algorithm[]).find((kind) => ALGORITHMS[kind] === data[0]);
  if (!algorithm || data.length !== 1 + PUBLIC_BYTES || !isKeyName(name)) throw refused();
  const digest = await sha256(concat(utf8(`${name}\n`), data));
  const key = { name, algorithm, public: data.slice(1), id: digest.slice(0, ID_BYTES) };
  if (hex(key.id) !== id) throw refused();
  return key;
}

export const sameKey = (one: VerifierKey, other: VerifierKey): boolean =>
  one.name === other.name && equal(one.id, other.id);

/** What came of a signature: whether it is good, and when it says that the text was seen. */
export interface Judged {
  good: boolean;
  /** Seconds since 1970; only cosignatures say it. */
  seconds?: number;
}

/** Tells whether a note's signature is of a key over a text. */
export async function judge(key: VerifierKey, text: string, signature: Bytes): Promise<Judged> {
  const message = utf8(text);
  if (key.algorithm === 'ed25519') {
    if (signature.length !== SIGNATURE_BYTES) return { good: false };
    return { good: await verifyEd25519(key.public, message, signature) };
  }
  if (signature.length !== TIME_BYTES + SIGNATURE_BYTES) return { good: false };
  const time = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0);
  if (time > BigInt(Number.MAX_SAFE_INTEGER)) return { good: false };
  const signed = concat(utf8(`cosignature/v1\ntime ${time}\n`), message);
  const good = await verifyEd25519(key.public, signed, signature.slice(TIME_BYTES));
  return { good, seconds: Number(time) };
}
