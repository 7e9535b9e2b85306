import type { Control, ControlState, Restriction } from '../../documents/control';
import type { Effect } from '../../documents/override';
import type { Tone } from '../../ui/state';
import type { IconName } from '../../ui/icons';
import { text } from './text';

const RANK: Record<ControlState, number> = { enabled: 0, reduced: 1, halted: 2 };

export const stateTone: Record<ControlState, Tone> = { enabled: 'ok', reduced: 'warn', halted: 'bad' };
export const stateIcon: Record<ControlState, IconName> = { enabled: 'check-circle', reduced: 'incident', halted: 'stop' };

/** What an effect leaves of a control. */
export const leaves = (effect: Effect): ControlState =>
  effect.kind === 'kill' || effect.kind === 'pause' || effect.kind === 'drain' ? 'halted' : 'reduced';

/** The restrictions whose time is not over: one ends at its instant, whether or not anybody writes that down. */
export const inForce = (control: Control | undefined, now: number): Restriction[] =>
  (control?.restrictions ?? []).filter((one) => now < Date.parse(one.until));

export interface Standing {
  /** What is left for everybody. */
  state: ControlState;
  /** Something is restricted for some, and not for everybody. */
  partly: boolean;
  restrictions: Restriction[];
}

/** What a control lets people do at an instant: of all restrictions each takes away what it does. */
export function standing(control: Control | undefined, now: number): Standing {
  const restrictions = inForce(control, now);
  const everybody = restrictions.filter((one) => one.scope.kind === 'global').map((one) => leaves(one.effect));
  const state = everybody.reduce<ControlState>((most, one) => (RANK[one] > RANK[most] ? one : most), 'enabled');
  return { state, partly: restrictions.some((one) => one.scope.kind !== 'global'), restrictions };
}

/**
 * When and why nothing restricts a control any more. What ended by itself is told at once, and not when somebody has
 * written it down.
 */
export function restored(control: Control): { at: string; why: string } {
  const ends = (control.restrictions ?? []).map((one) => one.until).sort();
  const last = ends.at(-1);
  return last === undefined ? { at: control.since, why: control.reason } : { at: last, why: text.switches.timeIsOver };
}
