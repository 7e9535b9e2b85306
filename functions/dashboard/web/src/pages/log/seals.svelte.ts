import { untrack } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import type { LogEntry } from '../../documents/log';
import { liveQuery, type Live, type Stored } from '../../live/live.svelte';
import { clock } from '../../ui/clock';
import { sealOf, type Seal } from './seal';
import { assigned } from './slots';

/** Few enough ids for one query that the first rows of a list have their answer first; Firestore takes up to 30. */
const IDS_MAX = 10;

/**
 * Where each of some records is in the log, live. A place is for good, so that only those are listened for that had
 * none so far.
 */
export class Seals {
  private readonly found = new SvelteMap<string, LogEntry>();
  private readonly queries: Live<Stored<LogEntry>[]>[];
  private slots: readonly (readonly string[])[] = $state.raw([]);

  /** `most` bounds how many records there are. */
  constructor(records: () => readonly string[], most: number) {
    this.slots = Array.from({ length: Math.ceil(most / IDS_MAX) }, () => []);
    this.queries = this.slots.map((_, at) =>
      liveQuery<LogEntry>(() => {
        const ids = this.slots[at] ?? [];
        return ids.length > 0 ? { collection: 'log_entries', where: [['__name__', 'in', ids]], limit: IDS_MAX } : undefined;
      }),
    );
    $effect(() => {
      for (const query of this.queries) for (const { id, ...entry } of query.value) untrack(() => this.keep(id, entry));
    });
    $effect(() => {
      const open = records().filter((id) => !this.found.has(id));
      this.slots = assigned(untrack(() => this.slots), open, IDS_MAX);
    });
  }

  of(record: string): Seal {
    const slot = this.slots.findIndex((ids) => ids.includes(record));
    const known = slot >= 0 && this.queries[slot]?.state === 'live';
    return sealOf(record, this.found.get(record), known, clock.minute);
  }

  private keep(id: string, entry: LogEntry): void {
    if (!this.found.has(id)) this.found.set(id, entry);
  }
}
