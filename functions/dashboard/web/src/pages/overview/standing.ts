import type { Check, CheckState } from '../../documents/check';
import type { Control } from '../../documents/control';
import type { Incident } from '../../documents/incident';
import type { Override } from '../../documents/override';
import type { Service } from '../../documents/service';
import type { Stored } from '../../live/live.svelte';
import type { Tone } from '../../ui/state';
import { text } from './text';

export const tones: Record<CheckState, Tone> = {
  unknown: 'neutral',
  up: 'ok',
  degraded: 'warn',
  down: 'bad',
  flapping: 'warn',
  maintenance: 'info',
};

/** What is looked at, and how it is. */
export interface Watched {
  id: string;
  name: string;
  /** Nothing for a service without a check of its own, of which only incidents tell. */
  state: CheckState | undefined;
  since: string | undefined;
  rootCause: string | undefined;
}

/** The worst first: what stands on top is what somebody has to look at. */
const WORST: readonly (CheckState | undefined)[] = ['down', 'flapping', 'degraded', 'unknown', undefined, 'maintenance', 'up'];

/** Checks, and services that no check is about. */
export function watched(services: readonly Stored<Service>[], checks: readonly Stored<Check>[], incidents: readonly Incident[]): Watched[] {
  const covered = new Set(checks.flatMap((check) => check.spec.service ?? []));
  const down = new Map(incidents.flatMap((incident) => (incident.service ? [[incident.service, incident]] : [])) as [string, Incident][]);
  const own = checks.map((check) => ({
    id: check.id,
    name: check.spec.name,
    state: check.state,
    since: check.since,
    rootCause: check.root_cause ?? undefined,
  }));
  const others = services
    .filter((service) => !covered.has(service.id))
    .map((service) => {
      const incident = down.get(service.id);
      return { id: service.id, name: service.name, state: incident && ('down' as const), since: incident?.opened_at, rootCause: undefined };
    });
  const rank = ({ state }: Watched): number => WORST.indexOf(state);
  return [...own, ...others].sort((left, right) => rank(left) - rank(right) || left.name.localeCompare(right.name));
}

/** What stands at the top of the page, in a few words. */
export interface Standing {
  tone: Tone;
  title: string;
}

/** Says how the mesh is: what is wrong, in the order in which it matters, or that nothing is. */
export function standing(
  all: readonly Watched[],
  incidents: readonly Incident[],
  controls: readonly Stored<Control>[],
  open: readonly Override[],
): Standing {
  const restricted = controls.filter(({ state }) => state !== 'enabled').map(({ id }) => id);
  const failing = all.filter(({ state }) => state === 'down' || state === 'flapping').length;
  const waiting = open.filter(({ state }) => state === 'requested').length;
  const said = [
    incidents.length > 0 ? text.trouble.incidents(incidents.length) : undefined,
    incidents.length === 0 && failing > 0 ? text.trouble.failing(failing) : undefined,
    restricted.length > 0 ? text.trouble.halted(restricted) : undefined,
    waiting > 0 ? text.trouble.waiting(waiting) : undefined,
  ].filter((one) => one !== undefined);
  if (said.length === 0) return { tone: 'ok', title: text.well };
  const [first = '', ...rest] = said;
  return { tone: incidents.length > 0 || failing > 0 ? 'bad' : 'warn', title: [first, ...rest].join(', ') };
}

/** A score, which counts in hundredths of a per cent. */
export const percent = (score: number): string => `${(score / 100).toFixed(2)} %`;
