import { equal, type Bytes } from './bytes';
import { TlogError } from './error';
import { nodeHash } from './hash';

/** One step from a leaf to the root: what stands beside, on which side, and what both make. */
export interface PathStep {
  side: 'left' | 'right';
  sibling: Bytes;
  hash: Bytes;
}

/** The way from a leaf to the root that the proof's hashes make. */
export interface Path {
  steps: PathStep[];
  root: Bytes;
}

/**
 * Computes the root that a leaf and the hashes of its proof make in a tree of a size (RFC 9162, 2.1.3.2). It says
 * nothing of whether that root is the right one.
 */
export async function pathOf(index: number, size: number, leaf: Bytes, hashes: readonly Bytes[]): Promise<Path> {
  if (index >= size) throw new TlogError('unproven', `entry ${index} is not within a tree of ${size} entries`);
  let [place, last, hash] = [index, size - 1, leaf];
  const steps: PathStep[] = [];
  for (const sibling of hashes) {
    if (last === 0) throw new TlogError('unproven', 'the proof has more hashes than the tree has levels');
    const left = isOdd(place) || place === last;
    hash = left ? await nodeHash(sibling, hash) : await nodeHash(hash, sibling);
    steps.push({ side: left ? 'left' : 'right', sibling, hash });
    // A last node without a sibling rises as it is, until it is somebody's right child.
    while (left && !isOdd(place) && place !== 0) [place, last] = [half(place), half(last)];
    [place, last] = [half(place), half(last)];
  }
  if (last !== 0) throw new TlogError('unproven', 'the proof has fewer hashes than the tree has levels');
  return { steps, root: hash };
}

/** Verifies that a tree contains a leaf; fails with what is wrong. */
export async function checkInclusion(
  index: number,
  leaf: Bytes,
  hashes: readonly Bytes[],
  tree: { size: number; root: Bytes },
): Promise<Path> {
  const path = await pathOf(index, tree.size, leaf, hashes);
  if (!equal(path.root, tree.root)) throw new TlogError('unproven', `the proof of entry ${index} does not lead to the root`);
  return path;
}

// Shifts would cut numbers at 32 bits.
export const isOdd = (number: number): boolean => number % 2 === 1;
export const half = (number: number): number => Math.floor(number / 2);
