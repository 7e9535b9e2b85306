import { describe, expect, it } from 'vitest';
import { flipped, hash, policy, proofs } from './fixtures/log';
import { Model } from './fixtures/tree';
import { toBase64, utf8, type Bytes } from './bytes';
import { leafHash, nodeHash } from './hash';
import { checkInclusion, pathOf } from './inclusion';
import { open } from './opened';
import { parseProof } from './proof';

describe('hashes', () => {
  it('set leaves and nodes apart', async () => {
    // RFC 6962 names neither; the values are those of the published test tree of Certificate Transparency.
    expect(Buffer.from(await leafHash(utf8(''))).toString('hex')).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
    const both = await nodeHash(hash('AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='), hash('AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='));
    expect(await leafHash(new Uint8Array(64))).not.toEqual(both);
  });
});

describe('a proof of the real log', () => {
  it('leads from the entry to the root that is signed', async () => {
    for (const { leaf, file } of proofs) {
      const proof = parseProof(file);
      const made = await leafHash(proof.extra as Bytes);
      expect(toBase64(made)).toBe(leaf);
      const { checkpoint } = await open(proof.note, await policy());
      const path = await checkInclusion(proof.index, made, proof.hashes, checkpoint);
      expect(path.steps.at(-1)?.hash).toEqual(checkpoint.root);
      expect(path.steps.map(({ sibling }) => sibling)).toEqual(proof.hashes);
    }
  });

  it('does not with one bit turned over anywhere, for another place, or with two hashes swapped', async () => {
    for (const { file } of proofs) {
      const { index, hashes, note, extra = new Uint8Array() } = parseProof(file);
      const { checkpoint } = await open(note, await policy());
      const leaf = await leafHash(extra);
      const refused = (at: number, of: Bytes, by: readonly Bytes[]): Promise<unknown> =>
        expect(checkInclusion(at, of, by, checkpoint)).rejects.toThrow();
      for (const [place, one] of hashes.entries()) {
        const bit = (place * 37 + index) % 256;
        await refused(index, leaf, hashes.with(place, flipped(one, bit)));
        if (place > 0) await refused(index, leaf, hashes.with(place, hashes[place - 1] as Bytes).with(place - 1, one));
      }
      await refused(index, await leafHash(flipped(extra, 8 * (index % extra.length))), hashes);
      for (const other of [index + 1, index - 1, index ^ 4, checkpoint.size, 0].filter((place) => place >= 0 && place !== index))
        await refused(other, leaf, hashes);
      await refused(index, leaf, hashes.slice(1));
      await refused(index, leaf, hashes.slice(0, -1));
      await refused(index, leaf, [...hashes, leaf]);
    }
  });
});

describe('any tree', () => {
  it('proves each of its leaves, and no other leaf or place', async () => {
    for (let size = 1; size <= 70; size += size < 34 ? 1 : 5) {
      const model = await Model.of(Array.from({ length: size }, (_, at) => `entry ${at}`));
      const tree = { size, root: await model.root() };
      for (let index = 0; index < size; index += 1) {
        const hashes = await model.inclusion(index);
        const leaf = model.leaves[index] as Bytes;
        await checkInclusion(index, leaf, hashes, tree);
        if (size > 1) {
          const other = (index + 1 + (index % (size - 1))) % size;
          if (other !== index) await expect(checkInclusion(other, leaf, hashes, tree)).rejects.toThrow();
          await expect(checkInclusion(index, flipped(leaf, index % 256), hashes, tree)).rejects.toThrow();
        }
      }
    }
  });

  it('keeps its places beyond 32 bits', async () => {
    const leaf = await leafHash(utf8('far'));
    const size = 2 ** 40 + 1;
    // The last of them stands alone until the top: one hash, that of all before it.
    const { root, steps } = await pathOf(2 ** 40, size, leaf, [leaf]);
    expect(steps).toHaveLength(1);
    expect(root).toEqual(await nodeHash(leaf, leaf));
    await expect(pathOf(2 ** 40 - 1, size, leaf, [leaf])).rejects.toThrow('fewer hashes');
  });
});
