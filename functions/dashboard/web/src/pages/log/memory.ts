import { equal, fromBase64, toBase64 } from '../../tlog/bytes';
import type { Checkpoint } from '../../tlog/checkpoint';
import type { Opened } from '../../tlog/opened';

/** What this browser keeps of a log: whom it trusts for it, and the last checkpoint that it saw. */
export interface Memory {
  /** Whose signatures count, as it was first told. */
  policy: string;
  /** The note, and what it says, as it was verified. */
  note: string;
  size: number;
  root: string;
  /** When it was seen (ISO 8601). */
  seenAt: string;
  alarms: Alarm[];
}

/** Something that a log that is kept honestly never does. It stays until a person begins anew. */
export interface Alarm {
  kind: 'forked' | 'shrunk' | 'unproven' | 'unsigned' | 'keys';
  at: string;
  /** What this browser had seen before, and what it is told now: a note, or a policy. */
  seen: string;
  told: string;
}

/** How a checkpoint stands to the last one that was seen. */
export type Standing = 'first' | 'same' | 'grown' | 'earlier' | 'forked';

/** Compares sizes and, where they are equal, roots; everything else needs a proof of consistency. */
export function compare(memory: Memory | undefined, checkpoint: Checkpoint): Standing {
  if (!memory) return 'first';
  if (checkpoint.size !== memory.size) return checkpoint.size > memory.size ? 'grown' : 'earlier';
  return equal(checkpoint.root, rootOf(memory)) ? 'same' : 'forked';
}

export const rootOf = (memory: Memory) => fromBase64(memory.root, 'checkpoint');

/** Remembers a checkpoint that was verified, and proven to add to the one before. */
export function remembered(memory: Memory | undefined, policy: string, { note, checkpoint }: Opened, at: string): Memory {
  const { size, root } = checkpoint;
  return { policy: memory?.policy ?? policy, note, size, root: toBase64(root), seenAt: at, alarms: memory?.alarms ?? [] };
}

/** The root of the tree without entries, which every other tree adds to. */
const EMPTY_ROOT = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';

/** What is remembered of a log that has not shown anything that counts. */
export const nothingSeen = (policy: string, at: string): Memory => ({
  policy,
  note: '',
  size: 0,
  root: EMPTY_ROOT,
  seenAt: at,
  alarms: [],
});

/** Adds an alarm; the first of its kind stays as it was raised. */
export function alarmed(memory: Memory, alarm: Alarm): Memory {
  const known = memory.alarms.some(({ kind }) => kind === alarm.kind);
  return known ? memory : { ...memory, alarms: [...memory.alarms, alarm] };
}

const key = (project: string): string => `mesh.log.${project}`;

/** Reads what is kept of a project's log. What cannot be read is as if nothing were kept. */
export function recall(project: string, storage: Pick<Storage, 'getItem'> = localStorage): Memory | undefined {
  try {
    const memory = JSON.parse(storage.getItem(key(project)) ?? 'null') as Partial<Memory> | null;
    const texts = [memory?.policy, memory?.note, memory?.root, memory?.seenAt];
    const whole = texts.every((member) => typeof member === 'string') && Number.isSafeInteger(memory?.size);
    if (!whole || !Array.isArray(memory?.alarms)) return undefined;
    rootOf(memory as Memory);
    return memory as Memory;
  } catch {
    return undefined;
  }
}

/** Keeps it; tells whether that was possible. */
export function keep(project: string, memory: Memory | undefined, storage: Storage = localStorage): boolean {
  try {
    if (memory) storage.setItem(key(project), JSON.stringify(memory));
    else storage.removeItem(key(project));
    return true;
  } catch {
    return false;
  }
}
