import { ask } from '../../api/client';
import { failed } from '../../app/failed';
import type { DeadLetter } from '../../documents/dead-letter';
import type { Stored } from '../../live/live.svelte';
import { text } from './text';

/** More at once are no longer a choice but a storm: what is behind may have failed for the same reason. */
export const REPLAYS_MAX = 50;

/** What became of the letters that somebody asked to be replayed. */
export interface Outcome {
  asked: number;
  done: number;
  failed: number;
  /** Asked for, and nothing is known yet. */
  waiting: number;
}

/** Whether a letter may be replayed: not while it is, and not after it was with success. */
export const mayReplay = ({ replay }: Pick<DeadLetter, 'replay'>): boolean => !replay || replay.state === 'failed';

/** Counts what came of some letters, by what stands in them. */
export function outcomeOf(asked: ReadonlySet<string>, letters: readonly Stored<DeadLetter>[]): Outcome {
  const states = letters.filter(({ id }) => asked.has(id)).map(({ replay }) => replay?.state);
  const done = states.filter((state) => state === 'done').length;
  const failures = states.filter((state) => state === 'failed').length;
  return { asked: asked.size, done, failed: failures, waiting: asked.size - done - failures };
}

/** Asks for replays one after the other; what comes of each stands in its letter. */
export class Replaying {
  /** How many shall be asked for; none while nothing is under way. */
  total = $state(0);
  asked: ReadonlySet<string> = $state.raw(new Set<string>());
  busy = $state(false);
  private stopped = false;

  /** Stops at the first that is refused, and says why; tells whether all were asked for. */
  async run(ids: readonly string[], reason: string): Promise<boolean> {
    if (this.busy) return false;
    const some = ids.slice(0, REPLAYS_MAX);
    Object.assign(this, { busy: true, stopped: false, total: some.length, asked: new Set<string>() });
    try {
      for (const id of some) {
        if (this.stopped) return false;
        await ask(`/dead-letters/${encodeURIComponent(id)}/replay`, { method: 'POST', body: { reason } });
        this.asked = new Set([...this.asked, id]);
      }
      return true;
    } catch (error) {
      failed(text.letters.failed, error);
      return false;
    } finally {
      this.busy = false;
    }
  }

  stop(): void {
    this.stopped = true;
  }
}
