import type { Instance } from '../../documents/instance';
import type { Stored } from '../../live/live.svelte';
import type { MeshFunction } from '../../topology/topology';
import type { Tone } from '../../ui/state';
import { RUNS_MS } from '../overrides/applied';
import { byTrigger, sum, type ByTrigger } from './figures';
import { tones, type Watched } from './standing';
import { text } from './text';

/** A function as it is now. */
export interface Running extends MeshFunction {
  instances: Stored<Instance>[];
  figures: ByTrigger;
  tone: Tone;
  word: string;
  /** The worst of what is looked at in it. */
  watched: Watched | undefined;
}

/** Tells how every function is: as its checks find it, else as it says itself. */
export function running(
  functions: readonly MeshFunction[],
  instances: readonly Stored<Instance>[],
  watched: readonly Watched[],
  now: number,
): Running[] {
  return functions.map((one) => {
    const ever = instances.filter(({ function: name }) => name === one.name);
    const own = ever.filter(({ seen_at }) => now - Date.parse(seen_at) <= RUNS_MS);
    // They come the worst first.
    const looked = watched.find(({ service }) => service === one.name);
    const figures = byTrigger(own);
    return { ...one, instances: own, figures, watched: looked, ...condition(looked, figures, one, { ever: ever.length, now: own.length }) };
  });
}

function condition(looked: Watched | undefined, figures: ByTrigger, one: MeshFunction, count: { ever: number; now: number }): { tone: Tone; word: string } {
  const failed = sum(figures, one.triggers.map(({ id }) => id))?.failed ?? 0;
  if (looked?.state && looked.state !== 'up' && looked.state !== 'unknown') {
    return { tone: tones[looked.state], word: text.services.states[looked.state] };
  }
  if (failed > 0) return { tone: 'warn', word: text.functions.fails(failed) };
  if (looked?.state === 'up') return { tone: 'ok', word: text.services.states.up };
  if (count.now > 0) return { tone: 'ok', word: text.functions.runs };
  // One that reads no documents never says that it runs.
  return { tone: 'neutral', word: count.ever > 0 ? text.functions.asleep : text.functions.silent };
}
