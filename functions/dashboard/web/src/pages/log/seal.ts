import type { LogEntry } from '../../documents/log';

/** The sealer looks for what nobody told it of every minute; a record that waits longer than three rounds is missed. */
export const LATE_MS = 3 * 60_000;

export type Seal =
  | { state: 'unknown' }
  | { state: 'waiting' }
  | { state: 'late' }
  | { state: 'sealed'; index: number; leaf: string; sealedAt: string };

/** Where a record stands on its way into the log. `known` is false until the server said whether it has a place. */
export function sealOf(record: string, entry: LogEntry | undefined, known: boolean, now: number): Seal {
  if (entry) return { state: 'sealed', index: entry.index, leaf: entry.leaf, sealedAt: entry.sealed_at };
  if (!known) return { state: 'unknown' };
  const written = writtenAt(record);
  return { state: written !== undefined && now - written > LATE_MS ? 'late' : 'waiting' };
}

/** When a record was written: its id begins with the milliseconds (UUID version 7); its `time` is that of its cause. */
export function writtenAt(record: string): number | undefined {
  const digits = /^([0-9a-f]{8})-([0-9a-f]{4})-7/.exec(record);
  return digits ? Number.parseInt(`${digits[1]}${digits[2]}`, 16) : undefined;
}
