import { liveQuery, type Stored } from '../../live/live.svelte';
import type { Audit } from './documents';
import { isEverything } from './runs';

/** Among as many runs the last whole one is looked for: runs of a part are few. */
const LOOKED_AT = 20;

/** The last completed run over everything, whose counts stand for the estate. */
export function lastFull(): { readonly value: Stored<Audit> | undefined } {
  const runs = liveQuery<Audit>(() => ({ collection: 'audits', order: [['as_of', 'desc']], limit: LOOKED_AT }));
  const last = $derived(
    runs.value.find(
      ({ state, scope }) => state === 'completed' && isEverything(scope),
    ),
  );
  return {
    get value() {
      return last;
    },
  };
}
