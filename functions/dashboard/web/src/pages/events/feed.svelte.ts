import type { JournalRecord } from '../../documents/journal';
import type { Stored } from '../../live/live.svelte';

export type Row = Stored<JournalRecord>;

/** As many as anybody reads back; the journal has the rest, and a page that is open for a day must not grow. */
export const ROWS_MAX = 1_000;

/** What a reader sees of a stream that goes on: it can be held, and what comes meanwhile waits. */
export class Feed {
  held: readonly Row[] | undefined = $state.raw();

  /** The rows to show, and how many wait. */
  shown(live: readonly Row[]): { rows: readonly Row[]; waiting: number } {
    if (!this.held) return { rows: live.slice(0, ROWS_MAX), waiting: 0 };
    const [newest] = this.held;
    const waiting = newest ? live.findIndex(({ id }) => id === newest.id) : live.length;
    return { rows: this.held, waiting: waiting < 0 ? live.length : waiting };
  }

  toggle(live: readonly Row[]): void {
    this.held = this.held ? undefined : live.slice(0, ROWS_MAX);
  }
}
