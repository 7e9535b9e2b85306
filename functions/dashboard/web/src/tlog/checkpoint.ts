import { fromDigits } from './bytes';
import type { Tree } from './consistency';
import { TlogError } from './error';
import { hashOf } from './hash';

/** A tree at one moment: which log, how many entries, what root (c2sp.org/tlog-checkpoint). */
export interface Checkpoint extends Tree {
  origin: string;
}

/** Reads the text of a note: three lines, and lines of extensions that nothing is made of. */
export function parseCheckpoint(text: string): Checkpoint {
  const refused = new TlogError('checkpoint', 'its text is no checkpoint');
  if (!text.endsWith('\n')) throw refused;
  const [origin, digits, base64, ...extensions] = text.slice(0, -1).split('\n');
  const size = fromDigits(digits);
  if (!origin || size === undefined || base64 === undefined || extensions.includes('')) throw refused;
  return { origin, size, root: hashOf(base64, 'checkpoint') };
}
