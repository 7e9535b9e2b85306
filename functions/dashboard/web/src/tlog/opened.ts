import { equal } from './bytes';
import { parseCheckpoint, type Checkpoint } from './checkpoint';
import { TlogError } from './error';
import { judge } from './key';
import { parseNote } from './note';
import type { Policy } from './policy';

/** A signature of a note, and what a policy makes of it. */
export interface Signature {
  /** The key's name as the note gives it. */
  name: string;
  /** Whose it is; `stranger` if the policy does not know the key. */
  whose: 'log' | 'witness' | 'stranger';
  /** The witness as the policy names it. */
  witness?: string;
  /** Nobody can tell of a stranger's. */
  good?: boolean;
  /** When a witness saw the checkpoint, in seconds since 1970. */
  seconds?: number;
}

/** A note with a checkpoint, and every signature on it as it was judged. */
export interface Opened {
  note: string;
  checkpoint: Checkpoint;
  signatures: Signature[];
  /** A known key of the log that the checkpoint names has signed it, and no known signature is wrong. */
  signed: boolean;
  /** Enough witnesses have cosigned it as well. */
  accepted: boolean;
}

/** Opens a note and judges each of its signatures by a policy. Fails only if there is nothing to be read. */
export async function open(note: string, policy: Policy): Promise<Opened> {
  const parsed = parseNote(note);
  const checkpoint = parseCheckpoint(parsed.text);
  const signatures = await Promise.all(
    parsed.signatures.map(async ({ name, id, signature }): Promise<Signature> => {
      const log = policy.logs.find((key) => key.name === name && equal(key.id, id));
      const witness = policy.witnesses.find(({ key }) => key.name === name && equal(key.id, id));
      const key = log ?? witness?.key;
      if (!key) return { name, whose: 'stranger' };
      const judged = await judge(key, parsed.text, signature);
      return { name, whose: log ? 'log' : 'witness', ...(witness ? { witness: witness.name } : {}), ...judged };
    }),
  );
  const good = signatures.filter((one) => one.good);
  const bad = signatures.some((one) => one.good === false);
  const signed = !bad && good.some((one) => one.whose === 'log' && one.name === checkpoint.origin);
  const witnesses = good.flatMap((one) => one.witness ?? []);
  return { note, checkpoint, signatures, signed, accepted: signed && policy.reached(witnesses) };
}

/** Says why an opened note is not signed by its log, as an error. */
export function refusalOf({ signatures, signed, accepted }: Opened): TlogError | undefined {
  if (signatures.some((one) => one.good === false))
    return new TlogError('bad-signature', 'a signature is not of the key that it names');
  if (signatures.every((one) => one.whose === 'stranger'))
    return new TlogError('unsigned', 'nobody who is known has signed it');
  if (!signed) return new TlogError('not-the-log', 'the checkpoint is not signed by the log that it names');
  if (!accepted) return new TlogError('no-quorum', 'the checkpoint lacks cosignatures of witnesses');
  return undefined;
}
