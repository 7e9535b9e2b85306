import type { JournalRecord } from '../../documents/journal';
import type { Stored } from '../../live/live.svelte';

export type TraceRecord = Stored<JournalRecord>;

/** One cause within a trace: a request of somebody, or the handling of one event; with what it changed. */
export interface Cause {
  /** The event that was handled; a request has none. */
  event: string | undefined;
  /** Milliseconds after the trace began. */
  afterMs: number;
  records: { record: TraceRecord; afterMs: number }[];
  /** What followed from it. */
  children: Cause[];
}

/**
 * Makes a tree of the records of one correlation. Records of one event belong together, and hang below the request that
 * began the trace; without a request, each event stands alone. Records know no more of what led to them.
 */
export function tree(records: readonly TraceRecord[]): Cause[] {
  const sorted = [...records].sort((one, other) => Date.parse(one.time) - Date.parse(other.time) || one.id.localeCompare(other.id));
  const began = Date.parse(sorted[0]?.time ?? '');
  const causes = new Map<string, Cause>();
  for (const record of sorted) {
    const afterMs = Date.parse(record.time) - began;
    const cause = causes.get(record.event ?? '') ?? { event: record.event ?? undefined, afterMs, records: [], children: [] };
    cause.records.push({ record, afterMs });
    causes.set(record.event ?? '', cause);
  }
  const request = causes.get('');
  const events = [...causes.values()].filter((cause) => cause !== request);
  if (!request) return events;
  request.children = events;
  return [request];
}

/** From its first record to its last, in milliseconds. */
export function lastsMs(records: readonly TraceRecord[]): number {
  const times = records.map(({ time }) => Date.parse(time));
  return times.length === 0 ? 0 : Math.max(...times) - Math.min(...times);
}
