import { describe, expect, it } from 'vitest';
import { consistencies, flipped, hash, note, notes, policy } from './fixtures/log';
import { Model } from './fixtures/tree';
import type { Bytes } from './bytes';
import { checkConsistency, type Tree } from './consistency';
import { open } from './opened';

const trees = (proof: (typeof consistencies)[number]): [Tree, Tree, Bytes[]] => [
  { size: proof.from, root: hash(proof.from_root) },
  { size: proof.to, root: hash(proof.to_root) },
  proof.proof.map(hash),
];

describe('the real log', () => {
  it('only added to what it signed before', async () => {
    for (const proof of consistencies) await checkConsistency(...trees(proof));
    const [first, , last] = await Promise.all(notes.map(async (one) => open(one, await policy())));
    const whole = consistencies.find((proof) => proof.from === first?.checkpoint.size && proof.to === last?.checkpoint.size);
    if (!first || !last || !whole) throw new Error('the fixture proves the first to the last');
    await checkConsistency(first.checkpoint, last.checkpoint, whole.proof.map(hash));
  });

  it('is not believed with anything changed', async () => {
    for (const proof of consistencies) {
      const [earlier, later, hashes] = trees(proof);
      const refused = (one: Tree, other: Tree, by: readonly Bytes[]): Promise<unknown> =>
        expect(checkConsistency(one, other, by)).rejects.toThrow('is not proven to add');
      for (const [place, one] of hashes.entries())
        await refused(earlier, later, hashes.with(place, flipped(one, (place * 53) % 256)));
      await refused({ ...earlier, root: flipped(earlier.root, 9) }, later, hashes);
      await refused(earlier, { ...later, root: flipped(later.root, 200) }, hashes);
      await refused(earlier, later, [...hashes, later.root]);
      if (hashes.length > 1) await refused(earlier, later, hashes.toReversed());
      if (hashes.length > 0) await refused(earlier, later, hashes.slice(1));
      if (earlier.size < later.size) await refused(later, earlier, hashes);
    }
  });

  it('has not shrunk unless it has', async () => {
    const { checkpoint } = await open(note, await policy());
    await expect(checkConsistency(checkpoint, { ...checkpoint, size: checkpoint.size - 1 }, [])).rejects.toThrow();
  });
});

describe('any tree', () => {
  it('is proven to add to each that it was, and a fork never', { timeout: 30_000 }, async () => {
    const most = 40;
    const entries = Array.from({ length: most }, (_, at) => `entry ${at}`);
    const model = await Model.of(entries);
    const forks = await Promise.all(entries.map((_, at) => Model.of(entries.with(at, 'rewritten'))));
    for (let later = 1; later <= most; later += 1) {
      for (let earlier = 1; earlier <= later; earlier += 1) {
        const proof = await model.consistency(earlier, later);
        const [one, other] = [await model.root(earlier), await model.root(later)];
        await checkConsistency({ size: earlier, root: one }, { size: later, root: other }, proof);
        const forked = forks[(later * 7) % earlier] as Model;
        const after = { size: later, root: await forked.root(later) };
        const forkedProof = await forked.consistency(earlier, later);
        await expect(checkConsistency({ size: earlier, root: one }, after, forkedProof)).rejects.toThrow();
      }
    }
  });

  it('begins with the empty one', async () => {
    const model = await Model.of(['a']);
    const empty = { size: 0, root: await model.root(0) };
    await checkConsistency(empty, { size: 1, root: await model.root() }, []);
    await checkConsistency(empty, empty, []);
    await expect(checkConsistency(empty, { size: 1, root: empty.root }, [empty.root])).rejects.toThrow();
  });
});
