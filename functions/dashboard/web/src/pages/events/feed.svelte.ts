import { send } from '../../api/client';
import { readAll } from '../../api/pages';
import { Problem } from '../../api/problem';
import type { JournalRecord } from '../../documents/journal';
import { session } from '../../session/session.svelte';
import { added, CHANGES_MAX, type Change } from './changes';
import { StreamReader } from './stream';

export type FeedState = 'connecting' | 'live' | 'waiting' | 'refused';

/** What came before somebody looked. */
const BEFORE_MAX = 200;
/** Changes are drawn together, so often in milliseconds: nobody reads faster. */
const DRAWN_EVERY_MS = 200;
/** How long after a break it is tried again, in milliseconds; doubled each time up to the most. */
const AGAIN_MS = 1_000;
const AGAIN_MOST_MS = 30_000;
/** The stream says at least every quarter of a minute that it is there: one that is silent for so long is broken. */
const SILENT_MAX_MS = 45_000;
/** A stream on which nothing happens may tell nothing at first: so long a page shows that it begins. */
const BEGINS_MS = 1_500;
/** After so long away what was missed is read anew, instead of change by change. */
const AWAY_MAX_MS = 10 * 60_000;

/** Changes as they happen: a stream that resumes where it broke, and holds no more than can be read. */
class Feed {
  changes: readonly Change[] = $state.raw([]);
  state: FeedState = $state('connecting');
  paused = $state(false);
  /** How many wait while the feed is held. */
  waiting = $state(0);
  /** When it began to listen, for who sees only what comes. */
  began: number | undefined = $state();
  /** Whether what is here is all there is, or still to come. */
  known = $state(false);
  /** Something was missed, and what it was is not known. */
  gap = $state(false);
  private fresh: Change[] = [];
  private last: string | undefined;
  private lastAt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** Listens until the returned function is called. */
  listen(): () => void {
    const abort = new AbortController();
    if (Date.now() - this.lastAt > AWAY_MAX_MS) this.forget();
    this.state = 'connecting';
    this.known = this.changes.length > 0;
    const begins = setTimeout(() => (this.known = true), BEGINS_MS);
    void this.run(abort.signal);
    return () => {
      abort.abort();
      clearTimeout(begins);
      clearTimeout(this.timer);
      this.timer = undefined;
      this.draw();
      this.lastAt = Date.now();
    };
  }

  toggle(): void {
    this.paused = !this.paused;
    this.draw();
  }

  private forget(): void {
    this.changes = [];
    this.fresh = [];
    this.last = undefined;
    this.began = undefined;
    this.waiting = 0;
    this.paused = false;
  }

  private async run(signal: AbortSignal): Promise<void> {
    let again = AGAIN_MS;
    while (!signal.aborted) {
      try {
        if (this.last === undefined) await this.readBefore();
        if (signal.aborted) return;
        await this.follow(signal, () => (again = AGAIN_MS));
        // A stream ends from time to time: it goes on at once.
        again = AGAIN_MS;
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof Problem && error.status === 403) {
          this.state = 'refused';
          return;
        }
        // The place is not known any more: what happened since is not told.
        if (error instanceof Problem && error.status === 400) {
          this.last = undefined;
          this.gap = true;
        }
        this.state = 'waiting';
        await pause(error instanceof Problem && error.retryAfter ? error.retryAfter * 1_000 : again, signal);
        again = Math.min(again * 2, AGAIN_MOST_MS);
      }
    }
  }

  /** Whoever may read the journal sees what happened before as well. */
  private async readBefore(): Promise<void> {
    this.began ??= Date.now();
    if (!session.can('journal.read')) return;
    const { items } = await readAll<JournalRecord & { id: string }>('/journal', { page_size: BEFORE_MAX }, BEFORE_MAX);
    this.changes = added(items, this.changes);
    this.known = true;
    this.last = items[0]?.id;
  }

  private async follow(signal: AbortSignal, connected: () => void): Promise<void> {
    const silent = new AbortController();
    let timer = setTimeout(() => silent.abort(), SILENT_MAX_MS);
    try {
      const either = AbortSignal.any([signal, silent.signal]);
      const answer = await send('/events', { signal: either }, this.last ? { 'last-event-id': this.last } : {});
      this.state = 'live';
      this.known = true;
      connected();
      const reader = new StreamReader();
      const pieces = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
      if (!pieces) return;
      for (let piece = await pieces.read(); !piece.done; piece = await pieces.read()) {
        clearTimeout(timer);
        timer = setTimeout(() => silent.abort(), SILENT_MAX_MS);
        for (const { id, data } of reader.read(piece.value)) this.take({ ...(JSON.parse(data) as Omit<Change, 'id'>), id });
      }
    } finally {
      clearTimeout(timer);
    }
  }

  private take(change: Change): void {
    this.last = change.id;
    this.fresh.push(change);
    // While the feed is held, the oldest of what waits goes, as it would from the page.
    if (this.fresh.length > CHANGES_MAX) this.fresh.splice(0, this.fresh.length - CHANGES_MAX);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.draw();
    }, DRAWN_EVERY_MS);
  }

  private draw(): void {
    this.waiting = this.paused ? this.fresh.length : 0;
    if (this.paused || this.fresh.length === 0) return;
    this.changes = added(this.fresh.reverse(), this.changes);
    this.fresh = [];
  }
}

/** Resolves after some time, or at once when it is no longer wanted. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}

/** What was seen stays when somebody comes back to the page. What a module remembers belongs to one person. */
export const feed = new Feed();
