import type { Ack, Control } from '../../documents/control';
import type { Stored } from '../../live/live.svelte';
import { controlTitle } from '../overrides/policy';
import { text } from './text';

/** Who applies which version, by control. A control is missing until its acknowledgements are known. */
export type Acks = Readonly<Record<string, readonly Stored<Ack>[]>>;

/** The version of a control that an instance applies. */
export interface Version {
  control: string;
  title: string;
  /** The version that is in force, and the one that it applies. */
  wanted: number;
  applied: number | undefined;
  refused: string | undefined;
  current: boolean;
}

/** The versions of all controls that an instance applies. */
export function versions(instance: string, controls: readonly Stored<Control>[], acks: Acks): Version[] {
  return controls.flatMap(({ id: control, epoch }): Version[] => {
    const known = acks[control];
    if (!known) return [];
    const ack = known.find(({ id }) => id === instance);
    const current = ack !== undefined && ack.epoch >= epoch && ack.refused === undefined;
    return [{ control, title: controlTitle(control), wanted: epoch, applied: ack?.epoch, refused: ack?.refused, current }];
  });
}

/** Says in a few words which controls some instances are behind in; nothing, if in none. */
export function behind(instances: readonly string[], controls: readonly Stored<Control>[], acks: Acks): string | undefined {
  const all = instances.flatMap((instance) => versions(instance, controls, acks)).filter(({ current }) => !current);
  if (all.length === 0) return undefined;
  const titles = [...new Set(all.map(({ title }) => title))].sort();
  return all.some(({ refused }) => refused !== undefined) ? text.running.refuses(titles) : text.running.behind(titles);
}
