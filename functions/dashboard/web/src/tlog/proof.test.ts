import { describe, expect, it } from 'vitest';
import { note, notes, policy, proofs } from './fixtures/log';
import { utf8, type Bytes } from './bytes';
import { contradictions, decodeEntry, encryptedOf, type JournalRecord } from './entry';
import { leafHash } from './hash';
import { parseProof, verifyProof } from './proof';

const [{ file, record } = { file: '', record: '' }] = proofs;

describe('a proof in a file', () => {
  it('proves its own entry alone', async () => {
    for (const [place, one] of proofs.entries()) {
      const proof = parseProof(one.file);
      const { checkpoint } = await verifyProof(proof, await leafHash(proof.extra as Bytes), await policy());
      expect(checkpoint.size).toBeGreaterThan(proof.index);
      expect(decodeEntry(proof.extra as Bytes).record).toBe(one.record);
      const other = parseProof(proofs[(place + 1) % proofs.length]?.file ?? '');
      await expect(verifyProof({ ...other, index: proof.index }, await leafHash(proof.extra as Bytes), await policy())).rejects.toThrow();
    }
  });

  it('proves nothing with the checkpoint of another size, or one that lacks its witness', async () => {
    const proof = parseProof(file);
    const leaf = await leafHash(proof.extra as Bytes);
    await expect(verifyProof({ ...proof, note: notes[1] ?? '' }, leaf, await policy())).rejects.toMatchObject({ mistake: 'unproven' });
    await expect(verifyProof({ ...proof, note: notes[0] ?? '' }, leaf, await policy())).rejects.toMatchObject({ mistake: 'no-quorum' });
    const forked = note.replace(/\n(\d+)\n/, (_, size: string) => `\n${Number(size) - 1}\n`);
    await expect(verifyProof({ ...proof, note: forked }, leaf, await policy())).rejects.toMatchObject({ mistake: 'bad-signature' });
  });

  it('is read in one form alone', () => {
    for (const [from, to] of [
      ['proof@v1', 'proof@v2'], ['index 0', 'index 00'], ['index 0', 'index -1'], ['index 0', 'index 0x0'], ['index', 'place'],
      ['extra ', 'extra  '], ['\n\n', '\n'], ['index 0\n', 'index 0\nAAAA\n'], ['index 0\n', `index 0\n${'A'.repeat(43)}=\n`.repeat(2)],
    ] as const)
      expect(() => parseProof(from === '\n\n' ? file.replaceAll(from, to) : file.replace(from, to)), from).toThrow();
    const many = file.replace('index 0\n', `index 0\n${`${'A'.repeat(43)}=\n`.repeat(64)}`);
    expect(() => parseProof(many)).toThrow('line 64');
    expect(parseProof(file.replace(/extra .*\n/, '')).extra).toBeUndefined();
  });
});

describe('an entry', () => {
  const decoded = decodeEntry(parseProof(file).extra as Bytes);
  const journal: JournalRecord = {
    actor: decoded.actor as JournalRecord['actor'],
    action: decoded.action,
    target: 'users/local-vera',
    after: 'f',
    reason: 'seeded',
    time: decoded.time,
    correlation: decoded.correlation,
    writer: decoded.writer ?? null,
  };

  it('says what the journal says, less what identifies people', () => {
    expect([...encryptedOf(journal)].sort()).toEqual(['after', 'before', 'reason', 'target']);
    expect(contradictions(decoded, record, journal)).toEqual([]);
  });

  it('contradicts a journal that was changed', () => {
    expect(contradictions(decoded, 'another', journal)).toEqual(['record']);
    expect(contradictions(decoded, record, { ...journal, action: 'user.blessed' })).toEqual(['action']);
    expect(contradictions(decoded, record, { ...journal, time: '2026-01-01T00:00:00Z' })).toEqual(['time']);
    expect(contradictions(decoded, record, { ...journal, actor: { kind: 'service', account: 'x' } })).toEqual(['actor']);
    // Moving the change to something that is about nobody shows what was encrypted to be missing.
    expect(contradictions(decoded, record, { ...journal, target: 'controls/trading' })).toEqual(['target', 'after', 'reason']);
  });

  it('is no other text', () => {
    for (const bad of ['', '[]', 'null', '{"version":2}', '{"version":1}']) expect(() => decodeEntry(utf8(bad)), bad).toThrow();
    expect(() => decodeEntry(Uint8Array.of(0xff))).toThrow('no JSON');
  });
});
