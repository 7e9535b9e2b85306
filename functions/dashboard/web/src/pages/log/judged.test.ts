import { describe, expect, it } from 'vitest';
import { consistencies, hash, note, notes, policy, policyText, replaced } from '../../tlog/fixtures/log';
import { Model } from '../../tlog/fixtures/tree';
import { checkConsistency, type Tree } from '../../tlog/consistency';
import { open } from '../../tlog/opened';
import { judge, type World } from './judged';
import { remembered, rootOf, type Memory } from './memory';

const opened = async (one: string) => open(one, await policy());
const [first = '', second = ''] = notes;
const saw = async (one: string): Promise<Memory> => remembered(undefined, policyText, await opened(one), '2026-11-28T07:00:00Z');

/** Proves with the proofs that the real log gave. */
async function isOneHistory(earlier: Tree, later: Tree): Promise<boolean> {
  const proof = consistencies.find(({ from, to }) => from === earlier.size && to === later.size);
  return checkConsistency(earlier, later, (proof?.proof ?? []).map(hash)).then(() => true, () => false);
}
const world: World = { policy: policyText, now: '2026-11-28T08:00:00Z', isOneHistory, fetchNote: () => Promise.resolve(note) };
const kinds = (memory: Memory) => memory.alarms.map(({ kind }) => kind);

describe('a checkpoint', () => {
  it('is remembered when it is the first, the same, or proven to add', async () => {
    const begun = await judge(undefined, await opened(first), world);
    expect([begun.history, begun.memory.size, begun.memory.policy]).toEqual(['first', 1, policyText]);
    expect((await judge(begun.memory, await opened(first), world)).history).toBe('same');
    const grown = await judge(begun.memory, await opened(note), world);
    expect([grown.history, grown.memory.note, grown.memory.seenAt]).toEqual(['grown', note, world.now]);
    expect(grown.memory.alarms).toEqual([]);
  });

  it('raises an alarm when it forks, and what was seen stays', async () => {
    const seen = await saw(note);
    const root = (await saw(first)).root;
    const forked = await judge({ ...seen, root }, await opened(note), world);
    expect([forked.history, kinds(forked.memory), forked.memory.root]).toEqual(['broken', ['forked'], root]);
    expect(forked.memory.alarms[0]).toMatchObject({ seen: seen.note, told: note });
  });

  it('raises an alarm when nothing proves that it adds, and none when nobody could be asked', async () => {
    const seen = { ...(await saw(second)), root: (await saw(note)).root };
    const rewritten = await judge(seen, await opened(note), world);
    expect([rewritten.history, kinds(rewritten.memory), rewritten.memory.size]).toEqual(['broken', ['unproven'], 5]);
    const alone = await judge(seen, await opened(note), { ...world, isOneHistory: () => Promise.resolve(undefined) });
    expect([alone.history, kinds(alone.memory), alone.memory]).toEqual(['unknown', [], seen]);
  });

  it('raises an alarm when the log shrank, and none when one came late', async () => {
    const seen = await saw(note);
    const shrunk = await judge(seen, await opened(second), { ...world, fetchNote: () => Promise.resolve(second) });
    expect([shrunk.history, kinds(shrunk.memory), shrunk.memory.size]).toEqual(['broken', ['shrunk'], seen.size]);
    expect(await judge(seen, await opened(second), world)).toEqual({ memory: seen, history: 'unknown' });
    const unheard = await judge(seen, await opened(second), { ...world, fetchNote: () => Promise.resolve(undefined) });
    expect(unheard.history).toBe('unknown');
  });

  it('raises an alarm when nobody signed it', async () => {
    const place = note.lastIndexOf('/log ') + 30;
    const forged = await opened(replaced(note, place, note[place] === 'A' ? 'B' : 'A'));
    const told = await judge(await saw(note), forged, world);
    expect([told.history, kinds(told.memory)]).toEqual(['broken', ['unsigned']]);
    const begun = await judge(undefined, forged, world);
    expect([kinds(begun.memory), begun.memory.size]).toEqual([['unsigned'], 0]);
    const empty = { size: 0, root: await (await Model.of([])).root() };
    expect(rootOf(begun.memory)).toEqual(empty.root);
  });

  it('does not end an alarm, whatever it proves', async () => {
    const seen = await saw(second);
    const { memory } = await judge({ ...seen, root: (await saw(note)).root }, await opened(note), world);
    const after = await judge({ ...memory, root: seen.root }, await opened(note), world);
    expect([after.history, kinds(after.memory), after.memory.size]).toEqual(['broken', ['unproven'], 5]);
    const keys = { ...seen, alarms: [{ kind: 'keys' as const, at: '', seen: '', told: '' }] };
    // Other keys say nothing of the history that the known ones sign.
    expect((await judge(keys, await opened(note), world)).history).toBe('grown');
  });
});
