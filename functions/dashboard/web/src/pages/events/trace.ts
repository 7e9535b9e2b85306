import type { Row } from './feed.svelte';

/** A record of a trace and what followed from it. */
export interface Branch {
  record: Row;
  /** Milliseconds since the trace began. */
  afterMs: number;
  children: Branch[];
}

/**
 * Makes a tree of the records of one correlation. What was written while an event was handled hangs below the first
 * record of it; the first record of an event hangs below the root,
 * which is what nothing else led to.
 */
export function tree(records: readonly Row[]): Branch[] {
  const sorted = [...records].sort((one, other) => Date.parse(one.time) - Date.parse(other.time) || one.id.localeCompare(other.id));
  const began = Date.parse(sorted[0]?.time ?? '');
  const roots: Branch[] = [];
  const byEvent = new Map<string, Branch>();
  for (const record of sorted) {
    const branch: Branch = { record, afterMs: Date.parse(record.time) - began, children: [] };
    const parent = record.event ? byEvent.get(record.event) : undefined;
    if (record.event && !parent) byEvent.set(record.event, branch);
    const above = parent ?? (record.event ? roots[0] : undefined);
    if (above) above.children.push(branch);
    else roots.push(branch);
  }
  return roots;
}
