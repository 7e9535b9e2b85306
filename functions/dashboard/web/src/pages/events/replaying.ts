import { Problem } from '../../api/problem';
import { ask } from '../../api/client';

/** More at once are no longer a choice but a storm: what is behind may have failed for the same reason. */
export const REPLAYS_MAX = 50;

/** Asks for replays one after the other; stops at the first that is refused. */
export async function replayAll(ids: readonly string[], done: (count: number) => void): Promise<Problem | undefined> {
  for (const [index, id] of ids.slice(0, REPLAYS_MAX).entries()) {
    try {
      await ask(`/dead-letters/${encodeURIComponent(id)}/replay`, { method: 'POST' });
    } catch (error) {
      if (error instanceof Problem) return error;
      throw error;
    }
    done(index + 1);
  }
  return undefined;
}
