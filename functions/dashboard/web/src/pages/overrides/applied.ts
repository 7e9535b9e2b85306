import type { Ack } from '../../documents/control';
import type { Instance } from '../../documents/instance';

/** Instances say that they run every minute; one word may be missed. As `Instance::runs_at` decides it. */
export const RUNS_MS = 130_000;
const SEEN_EVERY_MS = 70_000;

export interface Applying {
  instance: string;
  function: string;
  /** The version that it applies, if it said so. */
  epoch: number | undefined;
  appliedAt: string | undefined;
  seenAt: string;
  /** Why it refuses the version, and does nothing instead. */
  refused: string | undefined;
  applies: boolean;
  /** It missed its last word; what it knows grows old. */
  quiet: boolean;
}

export interface Applied {
  applied: number;
  running: number;
  missing: Applying[];
  all: Applying[];
}

/** Which running instances apply a version of a control. */
export function applied(
  epoch: number,
  instances: readonly (Instance & { id: string })[],
  acks: readonly (Ack & { id: string })[],
  now: number,
): Applied {
  const said = new Map(acks.map((ack) => [ack.id, ack]));
  const all = instances
    .filter((instance) => now - Date.parse(instance.seen_at) <= RUNS_MS)
    .map((instance): Applying => {
      const ack = said.get(instance.id);
      return {
        instance: instance.id,
        function: instance.function,
        epoch: ack?.epoch,
        appliedAt: ack?.applied_at,
        seenAt: instance.seen_at,
        refused: ack?.refused,
        applies: ack !== undefined && ack.epoch >= epoch && ack.refused === undefined,
        quiet: now - Date.parse(instance.seen_at) > SEEN_EVERY_MS,
      };
    })
    .sort((one, other) => Number(one.applies) - Number(other.applies) || one.instance.localeCompare(other.instance));
  const missing = all.filter((one) => !one.applies);
  return { applied: all.length - missing.length, running: all.length, missing, all };
}
