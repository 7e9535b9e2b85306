import { ask, download } from '../../api/client';
import { Problem } from '../../api/problem';
import type { Schema } from '../../api/types';
import type { Bytes } from '../../tlog/bytes';
import { checkConsistency, type Tree } from '../../tlog/consistency';
import { hashOf } from '../../tlog/hash';

/** What the log tells of itself, over the API. Nothing of it is believed before it was verified. */
export const fetchPolicy = async (): Promise<string> => (await download('/log/policy')).text();

export const fetchNote = async (): Promise<string> => (await download('/log/checkpoint')).text();

export const fetchProof = async (record: string): Promise<string> =>
  (await download(`/log/records/${encodeURIComponent(record)}/proof`)).text();

export const fetchEntry = async (index: string): Promise<Schema<'LogEntryView'>> =>
  (await ask<Schema<'LogEntryView'>>(`/log/entries/${encodeURIComponent(index)}`)).body;

/**
 * Whether one tree only adds to another, whichever is the earlier. `undefined` when nobody could be asked; a server that
 * answers that it cannot prove it has not proven it.
 */
export async function isOneHistory(one: Tree, other: Tree): Promise<boolean | undefined> {
  const [earlier, later] = one.size <= other.size ? [one, other] : [other, one];
  try {
    await checkConsistency(earlier, later, await hashesBetween(earlier, later));
    return true;
  } catch (error) {
    return error instanceof Problem && isPassing(error) ? undefined : false;
  }
}

async function hashesBetween(earlier: Tree, later: Tree): Promise<Bytes[]> {
  if (earlier.size === later.size || earlier.size === 0) return [];
  const query = { from: earlier.size, to: later.size };
  const { body } = await ask<Schema<'Consistency'>>('/log/consistency', { query });
  return body.proof.map((hash) => hashOf(hash, 'unproven'));
}

/** Whether a failure says nothing of the log: nobody answered, or not now, or not to this person. */
export const isPassing = ({ status }: Problem): boolean =>
  status === 0 || status === 401 || status === 403 || status === 408 || status === 429 || status === 502 || status === 503 || status === 504;

