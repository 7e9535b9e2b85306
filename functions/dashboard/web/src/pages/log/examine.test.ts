import { describe, expect, it } from 'vitest';
import { flipped, note, notes, policy, proofs, replaced } from '../../tlog/fixtures/log';
import { toBase64, utf8, type Bytes } from '../../tlog/bytes';
import { decodeEntry, type JournalRecord } from '../../tlog/entry';
import { parseProof } from '../../tlog/proof';
import { Policy } from '../../tlog/policy';
import { blame, examine, type Given } from './examine';

// An entry about nobody: all that the journal says of it stands in the clear.
const { record, file, leaf } = proofs[2] ?? { record: '', file: '', leaf: '' };
const proof = parseProof(file);
const entry = decodeEntry(proof.extra as Bytes);
const journal = (({ version: _, record: __, ...rest }) => rest)(entry) as unknown as JournalRecord;

const look = async (changes: Partial<Given> = {}) => {
  const given: Given = {
    record, file, journal, recorded: { index: proof.index, leaf }, policy: await policy(), sameHistory: () => Promise.resolve(true), ...changes,
  };
  const found = await examine(given);
  return { ...found, blamed: blame(found, record) };
};

/** The file with another text, as the API would send it if a document were changed. */
const withText = (text: Bytes): string => file.replace(/extra .*/, `extra ${toBase64(text)}`);

describe('a record', () => {
  it('is proven from its text to the signatures', async () => {
    const found = await look();
    expect(found.outcome).toBe('good');
    expect(new Set(Object.values(found.steps))).toEqual(new Set(['good']));
    expect(found.path?.steps).toHaveLength(proof.hashes.length);
    expect(found.blamed).toBeUndefined();
  });

  it('is not with one byte of its text changed, and the text is blamed', async () => {
    const text = proof.extra as Bytes;
    for (let at = 0; at < text.length; at += 11) {
      const found = await look({ file: withText(flipped(text, at * 8)) });
      expect([found.outcome, found.blamed], String(at)).toEqual(['bad', 'text']);
    }
    expect(await look({ file: withText(utf8('')) })).toMatchObject({ outcome: 'bad', blamed: 'text', entry: undefined });
  });

  it('is not with one hash of its path changed, and the tree is blamed', async () => {
    for (const hash of proof.hashes) {
      const forged = file.replace(toBase64(hash), toBase64(flipped(hash, 77)));
      expect(await look({ file: forged })).toMatchObject({ outcome: 'bad', blamed: 'tree' });
    }
    const short = file.replace(`${toBase64(proof.hashes[0] as Bytes)}\n`, '');
    expect(await look({ file: short })).toMatchObject({ outcome: 'bad', blamed: 'tree', path: undefined });
  });

  it('is not with the hash beside it changed', async () =>
    expect(await look({ recorded: { index: proof.index, leaf: toBase64(new Uint8Array(32)) } })).toMatchObject({ outcome: 'bad', blamed: 'leaf' }));

  it('is not when the proof is of another record, or the journal was changed or cleared', async () => {
    const other = proofs[3] ?? { file: '', leaf: '' };
    const foreign = await look({ file: other.file, recorded: undefined });
    expect([foreign.outcome, foreign.steps.path, foreign.blamed]).toEqual(['bad', 'good', 'foreign']);
    const changed = await look({ journal: { ...journal, reason: 'nothing happened' } });
    expect([changed.outcome, changed.blamed, changed.contradictions]).toEqual(['bad', 'journal', ['reason']]);
    expect(await look({ journal: undefined })).toMatchObject({ outcome: 'bad', blamed: 'gone' });
  });

  it('is not with a signature changed, whoever made it', async () => {
    const at = file.indexOf(note);
    expect(at).toBeGreaterThan(0);
    for (const name of ['/log ', '/witness ']) {
      const place = file.lastIndexOf(name) + name.length + 20;
      expect(await look({ file: replaced(file, place, file[place] === 'A' ? 'B' : 'A') })).toMatchObject({ outcome: 'bad', blamed: 'signature' });
    }
    const stranger = await Policy.parse('log PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\nquorum none\n');
    expect(await look({ policy: stranger })).toMatchObject({ outcome: 'bad', blamed: 'signature' });
  });

  it('is proven weakly to the log alone, or when nobody can compare', async () => {
    const first = proofs[0] ?? { record: '', file: '' };
    const alone = `c2sp.org/tlog-proof@v1\nextra ${toBase64(parseProof(first.file).extra as Bytes)}\nindex 0\n\n${notes[0]}`;
    const found = await look({ record: first.record, file: alone, recorded: undefined });
    expect([found.steps.path, found.steps.signed, found.steps.cosigned]).toEqual(['good', 'good', 'weak']);
    expect((await look({ sameHistory: () => Promise.resolve(undefined) })).outcome).toBe('weak');
  });

  it('is not when its checkpoint is of another history', async () =>
    expect(await look({ sameHistory: () => Promise.resolve(false) })).toMatchObject({ outcome: 'bad', blamed: 'history' }));
});
