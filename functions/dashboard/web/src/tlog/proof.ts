import { fromBase64, fromDigits, type Bytes } from './bytes';
import { TlogError } from './error';
import { hashOf } from './hash';
import { checkInclusion } from './inclusion';
import { open, refusalOf, type Opened } from './opened';
import type { Policy } from './policy';

const HEADER = 'c2sp.org/tlog-proof@v1';
const EXTRA = 'extra ';
const INDEX = 'index ';
/** A proof is never longer: a tree of 2⁶³ entries has no more levels. */
const HASHES_MAX = 63;

/** A proof that a log contains an entry, as a file holds it (c2sp.org/tlog-proof). Nothing of it is verified. */
export interface Proof {
  /** The entry itself; nothing vouches for it but the proof. */
  extra?: Bytes;
  /** The entry's place in the log, from 0. */
  index: number;
  /** The hashes from the entry's sibling up to below the root. */
  hashes: Bytes[];
  /** The checkpoint, as a signed note. */
  note: string;
}

export function parseProof(file: string): Proof {
  const end = file.indexOf('\n\n');
  const lines = (end < 0 ? '' : file.slice(0, end)).split('\n');
  const wrong = (line: number): TlogError => new TlogError('proof', `line ${line} is none of a proof`);
  if (lines.shift() !== HEADER) throw wrong(1);
  const extra = lines[0]?.startsWith(EXTRA) ? fromBase64((lines.shift() ?? '').slice(EXTRA.length), 'proof') : undefined;
  const [placed, ...hashes] = lines;
  const index = placed?.startsWith(INDEX) ? fromDigits(placed.slice(INDEX.length)) : undefined;
  if (index === undefined) throw wrong(extra ? 3 : 2);
  if (hashes.length > HASHES_MAX) throw wrong(HASHES_MAX + 1);
  const note = file.slice(end + 2);
  return { ...(extra ? { extra } : {}), index, hashes: hashes.map((hash) => hashOf(hash, 'proof')), note };
}

/** Verifies that a log which the policy believes contains a leaf; fails with what is wrong. */
export async function verifyProof(proof: Proof, leaf: Bytes, policy: Policy): Promise<Opened> {
  const opened = await open(proof.note, policy);
  const refusal = refusalOf(opened);
  if (refusal) throw refusal;
  await checkInclusion(proof.index, leaf, proof.hashes, opened.checkpoint);
  return opened;
}
