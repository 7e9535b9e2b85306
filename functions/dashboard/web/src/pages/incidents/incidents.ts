import type { Incident, IncidentState } from '../../documents/incident';
import type { Stored } from '../../live/live.svelte';
import type { Facet, FilterValue } from '../../ui/filters';
import type { Tone } from '../../ui/state';
import { text } from './text';

export type Row = Stored<Incident>;

/** Who looks after an incident, in an address that can be sent to somebody else. */
export const ME = 'me';
export const NOBODY = 'nobody';

export const incidentTones: Record<IncidentState, Tone> = { open: 'bad', reopened: 'bad', acknowledged: 'warn', resolved: 'ok' };

/** Old incidents have no priority; they matter as most do. */
export const priorityOf = (incident: Pick<Incident, 'priority'>): string => (incident.priority ?? 'p2').toUpperCase();

export const isOver = ({ state }: Pick<Incident, 'state'>): boolean => state === 'resolved';

/** What an incident is about: a check, a service, or an elevation. */
export const subjectOf = (incident: Incident): string | undefined => incident.check ?? incident.service ?? incident.grant ?? undefined;

/** How long it took from its opening until it was over, in seconds; so far, if it is not. */
export function tookSeconds(incident: Pick<Incident, 'opened_at' | 'resolved_at'>, now: number): number {
  return since(incident.opened_at, incident.resolved_at ?? now);
}

/** The seconds from one moment to another, never less than none. */
export function since(from: string, to: string | number): number {
  const end = typeof to === 'number' ? to : Date.parse(to);
  return Math.max(0, Math.round((end - Date.parse(from)) / 1000));
}

/** What can be filtered by: what occurs in the incidents, and what the address names already. */
export function facetsOf(incidents: readonly Row[], chosen: URLSearchParams, name: (uid: string) => string): Facet[] {
  const subjects = [...new Set([...incidents.flatMap((one) => subjectOf(one) ?? []), ...chosen.getAll('about')])].sort();
  const others = [...new Set([...incidents.flatMap((one) => one.assignee ?? []), ...chosen.getAll('assignee')])];
  const people = others.filter((uid) => uid !== ME && uid !== NOBODY);
  return [
    { key: 'state', title: text.facets.state, options: Object.entries(text.states).map(([value, title]) => ({ value, title })) },
    { key: 'priority', title: text.facets.priority, options: ['P1', 'P2', 'P3', 'P4'].map((value) => ({ value, title: value })) },
    { key: 'about', title: text.facets.about, options: subjects.map((value) => ({ value, title: value })) },
    {
      key: 'assignee',
      title: text.facets.assignee,
      options: [
        { value: ME, title: text.assignees.me },
        { value: NOBODY, title: text.assignees.nobody },
        ...people.map((value) => ({ value, title: name(value) })).sort((one, other) => one.title.localeCompare(other.title)),
      ],
    },
  ];
}

/** The incidents that a filter leaves, for a person. */
export function filtered(incidents: readonly Row[], filter: FilterValue, search: string, me: string | undefined): Row[] {
  const words = search.trim().toLowerCase();
  const assignees = filter['assignee']?.map((one) => (one === ME ? me : one === NOBODY ? undefined : one));
  return incidents.filter(
    (incident) =>
      (filter['state']?.includes(incident.state) ?? true) &&
      (filter['priority']?.includes(priorityOf(incident)) ?? true) &&
      (filter['about']?.includes(subjectOf(incident) ?? '') ?? true) &&
      (assignees?.includes(incident.assignee ?? undefined) ?? true) &&
      (words === '' || `${incident.title} ${incident.detail} ${incident.id}`.toLowerCase().includes(words)),
  );
}
