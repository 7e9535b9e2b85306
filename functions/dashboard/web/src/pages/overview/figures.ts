import type { Instance, TriggerFigures } from '../../documents/instance';

/** What went through something in the last minute. */
export interface Figures {
  perMinute: number;
  failed: number;
  /** Nothing for requests, and where nothing came for the first time. */
  lagMs: number | undefined;
}

/** What running instances of one function said of their triggers; nothing, if none of them says. */
export type ByTrigger = ReadonlyMap<string, readonly Said[]> | undefined;

interface Said extends TriggerFigures {
  minutes: number;
}

const MINUTE_MS = 60_000;
/** Instances count for about a minute; one that says otherwise has a clock that was set, and would count for too much. */
const MINUTES_LEAST = 0.25;

/** Gathers by trigger what instances of one function counted. */
export function byTrigger(instances: readonly Instance[]): ByTrigger {
  const saying = instances.filter((one) => one.triggers && one.counted_since);
  if (saying.length === 0) return undefined;
  const found = new Map<string, Said[]>();
  for (const { triggers = {}, counted_since: since = '', seen_at: until } of saying) {
    const minutes = Math.max(MINUTES_LEAST, (Date.parse(until) - Date.parse(since)) / MINUTE_MS);
    for (const [id, figures] of Object.entries(triggers)) found.set(id, [...(found.get(id) ?? []), { ...figures, minutes }]);
  }
  return found;
}

/** Sums some of the triggers up; nothing, if nobody says. */
export function sum(found: ByTrigger, triggers: readonly string[]): Figures | undefined {
  if (!found) return undefined;
  const said = triggers.flatMap((id) => found.get(id) ?? []);
  return {
    perMinute: said.reduce((all, { handled, failed, minutes }) => all + (handled + failed) / minutes, 0),
    failed: said.reduce((all, { failed }) => all + failed, 0),
    lagMs: medianOf(said),
  };
}

/** The median of medians, each counting as often as what it is of. */
function medianOf(said: readonly Said[]): number | undefined {
  const lags = said.flatMap(({ lag_p50_ms: lag, handled }) => (lag === undefined ? [] : [{ lag, handled }])).sort((one, other) => one.lag - other.lag);
  const half = lags.reduce((all, { handled }) => all + handled, 0) / 2;
  let before = 0;
  return lags.find(({ handled }) => (before += handled) >= half)?.lag;
}
