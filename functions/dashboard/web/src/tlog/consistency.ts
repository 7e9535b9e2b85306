import { equal, type Bytes } from './bytes';
import { TlogError } from './error';
import { nodeHash } from './hash';
import { half, isOdd } from './inclusion';

export interface Tree {
  size: number;
  root: Bytes;
}

/** Verifies that a later tree only adds to an earlier one (RFC 9162, 2.1.4.2); fails with what is wrong. */
export async function checkConsistency(earlier: Tree, later: Tree, hashes: readonly Bytes[]): Promise<void> {
  const unproven = (): TlogError =>
    new TlogError('unproven', `the tree of ${later.size} entries is not proven to add to that of ${earlier.size}`);
  if (earlier.size > later.size) throw unproven();
  if (earlier.size === later.size || earlier.size === 0) {
    // The empty tree is the beginning of every other.
    const same = earlier.size === 0 && later.size > 0 ? true : equal(earlier.root, later.root);
    if (hashes.length > 0 || !same) throw unproven();
    return;
  }
  // A full tree is a node of every later one: its own root is where the proof begins.
  const [first, ...rest] = isPowerOfTwo(earlier.size) ? [earlier.root, ...hashes] : hashes;
  if (!first) throw unproven();
  let [place, last] = [earlier.size - 1, later.size - 1];
  while (isOdd(place)) [place, last] = [half(place), half(last)];
  let [before, after] = [first, first];
  for (const hash of rest) {
    if (last === 0) throw unproven();
    if (isOdd(place) || place === last) {
      before = await nodeHash(hash, before);
      after = await nodeHash(hash, after);
      while (!isOdd(place) && place !== 0) [place, last] = [half(place), half(last)];
    } else {
      after = await nodeHash(after, hash);
    }
    [place, last] = [half(place), half(last)];
  }
  if (last !== 0 || !equal(before, earlier.root) || !equal(after, later.root)) throw unproven();
}

function isPowerOfTwo(size: number): boolean {
  let rest = size;
  while (rest > 1 && !isOdd(rest)) rest = half(rest);
  return rest === 1;
}
