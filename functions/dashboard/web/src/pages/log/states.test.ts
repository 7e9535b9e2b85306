import { describe, expect, it } from 'vitest';
import { note, notes, policy, replaced } from '../../tlog/fixtures/log';
import { open } from '../../tlog/opened';
import { gapsOf } from './gaps';
import { fromField, toField } from './local-time';
import { LATE_MS, sealOf, writtenAt } from './seal';
import { witnessState } from './witness';

describe('a record', () => {
  const id = '01a220f8-32fb-7284-a6cb-98b8374b51a6';
  const written = Date.parse('2026-11-28T07:04:26.619Z');

  it('says when it was written', () => {
    expect(writtenAt(id)).toBe(written);
    expect(writtenAt('shop-1795849680')).toBeUndefined();
  });

  it('waits, is missed after three rounds of the sealer, and is sealed', () => {
    const at = (after: number, known = true) => sealOf(id, undefined, known, written + after).state;
    expect([at(0), at(LATE_MS), at(LATE_MS + 1), at(LATE_MS + 1, false)]).toEqual(['waiting', 'waiting', 'late', 'unknown']);
    const entry = { index: 7, leaf: 'l', sealed_at: '2026-11-28T07:04:27Z' };
    expect(sealOf(id, entry, false, 0)).toEqual({ state: 'sealed', index: 7, leaf: 'l', sealedAt: entry.sealed_at });
    expect(sealOf('old', undefined, true, written).state).toBe('waiting');
  });
});

describe('the witness', () => {
  it('is as far behind as its last good cosignature says', async () => {
    const by = await policy();
    const [first, , last] = await Promise.all(notes.map((one) => open(one, by)));
    if (!first || !last) throw new Error('the fixture has three notes');
    const seen = 1000 * (last.signatures[1]?.seconds ?? 0);
    expect(witnessState(last, last, seen + 60_000)).toMatchObject({ state: 'fresh', at: seen, behind: 0 });
    expect(witnessState(last, last, seen + 6 * 60_000).state).toBe('quiet');
    expect(witnessState(last, last, seen + 61 * 60_000).state).toBe('gone');
    const grown = { ...last, checkpoint: { ...last.checkpoint, size: last.checkpoint.size + 4 } };
    expect(witnessState(grown, last, seen).behind).toBe(4);
    expect(witnessState(last, first, seen).state).toBe('never');
    expect(witnessState(last, undefined, seen)).toMatchObject({ state: 'never', behind: last.checkpoint.size });
    const place = note.lastIndexOf(' ') + 40;
    const forged = await open(replaced(note, place, note[place] === 'A' ? 'B' : 'A'), by);
    expect(forged.signatures[1]?.good).toBe(false);
    expect(witnessState(last, forged, seen).state).toBe('never');
  });
});

it('groups missing numbers by the process that gave them', () =>
  expect(gapsOf(['`a`: record 2', '`b`: records 4 to 6', '`a`: records 9 to 11', 'else'])).toEqual([
    { instance: 'a', ranges: ['2', '9 to 11'] },
    { instance: 'b', ranges: ['4 to 6'] },
    { instance: '', ranges: ['else'] },
  ]));

it('shows a moment in a field and reads it back', () => {
  expect(fromField(toField('2026-11-28T07:04:00.000Z'))).toBe('2026-11-28T07:04:00.000Z');
  expect([toField(''), fromField(''), toField('soon')]).toEqual(['', '', '']);
});
