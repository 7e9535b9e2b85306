import { describe, expect, it } from 'vitest';
import { note, notes, policy, policyText, replaced } from './fixtures/log';
import { fromBase64, toBase64 } from './bytes';
import { canVerify } from './ed25519';
import { judge, parseKey } from './key';
import { parseNote } from './note';
import { open, refusalOf } from './opened';
import { Policy } from './policy';

const mistakeOf = async (one: string, by?: Policy): Promise<string | undefined> =>
  refusalOf(await open(one, by ?? (await policy())))?.mistake;

describe('a note of the real log', () => {
  it('is signed by the log and cosigned by the witness, which says when', async () => {
    expect(await canVerify()).toBe(true);
    const opened = await open(note, await policy());
    expect(opened).toMatchObject({ signed: true, accepted: true });
    expect(opened.signatures.map(({ whose, good }) => [whose, good])).toEqual([['log', true], ['witness', true]]);
    expect(new Date(1000 * (opened.signatures[1]?.seconds ?? 0)).toISOString()).toMatch(/^2026-11-28T08:/);
    expect(refusalOf(opened)).toBeUndefined();
  });

  it('lacks its quorum before the witness saw it', async () => {
    const opened = await open(notes[0] ?? '', await policy());
    expect(opened).toMatchObject({ signed: true, accepted: false });
    expect(refusalOf(opened)?.mistake).toBe('no-quorum');
    expect(await mistakeOf(notes[0] ?? '', await Policy.parse(policyText.replace('quorum witness', 'quorum none')))).toBeUndefined();
  });

  it('is not believed with any character of it changed', async () => {
    for (let at = 0; at < note.length; at += 1) {
      const forged = replaced(note, at, note[at] === 'x' ? 'y' : 'x');
      const refused = await mistakeOf(forged).catch((error: Error) => error.name);
      // A changed name is a stranger's signature: the rest of the note must still be enough.
      expect(refused, `${at}: ${JSON.stringify(forged.slice(at - 8, at + 8))}`).toBeDefined();
    }
  });

  it('is not believed without its signatures, with those of another, or with both in each other’s place', async () => {
    const [text = '', log = '', witness = ''] = [note.slice(0, note.indexOf('—')), ...note.slice(note.indexOf('—')).trimEnd().split('\n')];
    await expect(open(text, await policy())).rejects.toThrow('no signed note');
    expect(await mistakeOf(`${text}${witness}\n`)).toBe('not-the-log');
    expect(await mistakeOf(`${text}${log}\n`)).toBe('no-quorum');
    const other = (notes[1] ?? '').split('\n')[4] ?? '';
    expect(await mistakeOf(`${text}${other}\n${witness}\n`)).toBe('bad-signature');
    const stranger = await Policy.parse('log PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW\nquorum none\n');
    expect(await mistakeOf(note, stranger)).toBe('unsigned');
  });
});

describe('keys', () => {
  it('verify the published example of signed notes', async () => {
    const key = await parseKey('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW');
    const text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    const line = fromBase64('x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=', 'note');
    expect(await judge(key, text, line.slice(4))).toEqual({ good: true });
    expect(await judge(key, text.slice(1), line.slice(4))).toEqual({ good: false });
    expect(await judge(key, text, line.slice(5))).toEqual({ good: false });
  });

  it('are refused under another name, another id or of another kind', async () => {
    const good = policyText.split(/[ \n]/)[1] ?? '';
    await parseKey(good);
    for (const bad of [good.replace('demo', 'memo'), good.replace('+d5', '+d6'), good.replace('+AT', '+BT'), good.slice(0, -1), '', 'a+b'])
      await expect(parseKey(bad), bad).rejects.toThrow();
  });
});

describe('notes', () => {
  it('have one form alone', () => {
    expect(parseNote(note).signatures).toHaveLength(2);
    const signature = toBase64(new Uint8Array(68));
    for (const bad of [
      '', 'a\n', 'a\n\n', `a\n\n- n ${signature}\n`, `a\n\n— n ${signature}`, `a\n\n— n+ ${signature}\n`, `a\n\n— n  ${signature}\n`,
      'a\n\n— n AAAA\n', 'a\n\n— n AAAAAAB=\n', `a\u0001\n\n— n ${signature}\n`, `a\n\n${`— n ${signature}\n`.repeat(101)}`,
    ])
      expect(() => parseNote(bad), JSON.stringify(bad)).toThrow();
  });
});
