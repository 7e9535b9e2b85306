import type { Check, CheckState } from '../../documents/check';
import type { Control } from '../../documents/control';
import type { Incident } from '../../documents/incident';
import type { Service } from '../../documents/service';
import type { Stored } from '../../live/live.svelte';
import type { Tone } from '../../ui/state';
import { controlTitle } from '../overrides/policy';
import { standing as standingOf } from '../overrides/standing';
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
  /** Whose it is. */
  service: string | undefined;
  /** Nothing for a service without a check of its own, of which only incidents tell. */
  state: CheckState | undefined;
  since: string | undefined;
  /** Why nobody is called because of it: another one fails. */
  because: { name: string; href: string } | undefined;
  href: string | undefined;
}

/** The worst first: what stands on top is what somebody has to look at. */
const WORST: readonly (CheckState | undefined)[] = ['down', 'flapping', 'degraded', 'unknown', undefined, 'maintenance', 'up'];

const checkHref = (id: string): string => `/incidents/checks/${encodeURIComponent(id)}`;

/** Checks, and services that no check is about. */
export function watched(services: readonly Stored<Service>[], checks: readonly Stored<Check>[], incidents: readonly Stored<Incident>[]): Watched[] {
  const covered = new Set(checks.flatMap((check) => check.spec.service ?? []));
  const open = new Map(incidents.flatMap((one) => (one.service ? [[one.service, one] as const] : [])));
  const names = new Map(checks.map(({ id, spec }) => [id, spec.name]));
  const own = checks.map((check): Watched => ({
    id: check.id,
    name: check.spec.name,
    service: check.spec.service ?? undefined,
    state: check.state,
    since: check.since,
    because: check.root_cause ? { name: names.get(check.root_cause) ?? check.root_cause, href: checkHref(check.root_cause) } : undefined,
    href: checkHref(check.id),
  }));
  const others = services
    .filter((service) => !covered.has(service.id))
    .map((service): Watched => {
      const incident = open.get(service.id);
      return {
        id: service.id,
        name: service.name,
        service: service.id,
        state: incident && 'down',
        since: incident?.opened_at,
        because: undefined,
        href: incident && `/incidents/${encodeURIComponent(incident.id)}`,
      };
    });
  const rank = ({ state }: Watched): number => WORST.indexOf(state);
  return [...own, ...others].sort((left, right) => rank(left) - rank(right) || left.name.localeCompare(right.name));
}

/** What stands at the top of the page, in a few words. */
export interface Standing {
  tone: Tone;
  title: string;
}

export interface World {
  watched: readonly Watched[];
  /** The names of the functions, as far as they are known. */
  functions: readonly string[];
  incidents: readonly Incident[];
  controls: readonly Stored<Control>[];
  /** How much waits for the reader. */
  waiting: number;
}

/** Says how the mesh is: what is wrong, in the order in which it matters, or that nothing is. */
export function standing({ watched: all, functions, incidents, controls, waiting }: World, now: number): Standing {
  const failing = all.filter(({ state, because }) => (state === 'down' || state === 'flapping') && !because).length;
  const degraded = all.filter(({ state }) => state === 'degraded').length;
  const restricted = controls.flatMap((control) => {
    const { state, partly } = standingOf(control, now);
    const title = controlTitle(control.id);
    return state !== 'enabled' ? [text.standing.control[state](title)] : partly ? [text.standing.partly(title)] : [];
  });
  const wrong = [
    ...(incidents.length > 0 ? [text.standing.incidents(incidents.length)] : []),
    ...(incidents.length === 0 && failing > 0 ? [text.standing.failing(failing)] : []),
    ...(incidents.length === 0 && failing === 0 && degraded > 0 ? [text.standing.degraded(degraded)] : []),
    ...restricted,
    ...(waiting > 0 ? [text.standing.waiting(waiting)] : []),
  ];
  if (wrong.length > 0) return { tone: incidents.length > 0 || failing > 0 ? 'bad' : restricted.length + degraded > 0 ? 'warn' : 'info', title: sentence(wrong) };
  if (all.length === 0) return { tone: 'neutral', title: text.standing.nothing };
  const others = new Set(all.map(({ service, id }) => service ?? id).filter((id) => !functions.includes(id)));
  return { tone: 'ok', title: text.standing.well(functions.length, others.size) };
}

function sentence(parts: readonly string[]): string {
  const said = parts.join(', ');
  return said.charAt(0).toUpperCase() + said.slice(1);
}

/** A score, which counts in hundredths of a per cent. */
export const percent = (score: number): string => `${(score / 100).toFixed(2)} %`;
