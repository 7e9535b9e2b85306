import { parseCheckpoint } from '../../tlog/checkpoint';
import type { Tree } from '../../tlog/consistency';
import { parseNote } from '../../tlog/note';
import type { Opened } from '../../tlog/opened';
import { alarmed, compare, nothingSeen, remembered, rootOf, type Alarm, type Memory } from './memory';

/** How the checkpoint of now stands to what this browser saw. */
export type History = 'unknown' | 'first' | 'same' | 'grown' | 'broken';

export interface Judgement {
  memory: Memory;
  history: History;
}

export interface World {
  /** The policy that the API tells now. */
  policy: string;
  now: string;
  isOneHistory: (one: Tree, other: Tree) => Promise<boolean | undefined>;
  /** The log's latest note as the API tells it, asked when Firestore told of a shorter log. */
  fetchNote: () => Promise<string | undefined>;
}

/** Holds a checkpoint against what is remembered, and says what is to be remembered from now on. */
export async function judge(memory: Memory | undefined, opened: Opened, world: World): Promise<Judgement> {
  const known = memory ?? nothingSeen(world.policy, world.now);
  const raise = (kind: Alarm['kind'], seen: string, told: string): Judgement => ({
    memory: alarmed(known, { kind, at: world.now, seen, told }),
    history: 'broken',
  });
  if (!opened.signed) return raise('unsigned', known.note, opened.note);
  const standing = compare(memory, opened.checkpoint);
  const next = (): Memory => remembered(memory, world.policy, opened, world.now);
  // While an alarm stands, what was seen before it is evidence.
  const quiet = known.alarms.every(({ kind }) => kind === 'keys');
  if (standing === 'first') return { memory: next(), history: 'first' };
  if (standing === 'forked') return raise('forked', known.note, opened.note);
  if (standing === 'same') return { memory: quiet ? next() : known, history: quiet ? 'same' : 'broken' };
  if (standing === 'earlier') {
    // One that was slow to arrive is no loss, as long as the log itself has the later one.
    const size = sizeOf(await world.fetchNote());
    if (size === undefined || size >= known.size) return { memory: known, history: quiet ? 'unknown' : 'broken' };
    return raise('shrunk', known.note, opened.note);
  }
  const one = await world.isOneHistory({ size: known.size, root: rootOf(known) }, opened.checkpoint);
  if (one === undefined) return { memory: known, history: quiet ? 'unknown' : 'broken' };
  if (!one) return raise('unproven', known.note, opened.note);
  return quiet ? { memory: next(), history: 'grown' } : { memory: known, history: 'broken' };
}

function sizeOf(note: string | undefined): number | undefined {
  try {
    return note === undefined ? undefined : parseCheckpoint(parseNote(note).text).size;
  } catch {
    return undefined;
  }
}
