import type { Incident, IncidentState } from '../../documents/incident';
import type { Stored } from '../../live/live.svelte';
import type { Facet, FilterValue } from '../../ui/filters';
import type { Tone } from '../../ui/state';
import { text } from './text';

export type Row = Stored<Incident>;

export const incidentTones: Record<IncidentState, Tone> = { open: 'bad', reopened: 'bad', acknowledged: 'warn', resolved: 'ok' };

/** Old incidents have no priority; they matter as most do. */
export const priorityOf = (incident: Pick<Incident, 'priority'>): string => (incident.priority ?? 'p3').toUpperCase();

export const isOver = ({ state }: Pick<Incident, 'state'>): boolean => state === 'resolved';

/** How long it took from its opening until it was over, in seconds; so far, if it is not. */
export function tookSeconds(incident: Pick<Incident, 'opened_at' | 'resolved_at'>, now: number): number {
  const end = incident.resolved_at ? Date.parse(incident.resolved_at) : now;
  return Math.max(0, Math.round((end - Date.parse(incident.opened_at)) / 1000));
}

export const facets: readonly Facet[] = [
  { key: 'state', title: text.facets.state, options: Object.entries(text.states).map(([value, title]) => ({ value, title })) },
  { key: 'priority', title: text.facets.priority, options: ['P1', 'P2', 'P3', 'P4'].map((value) => ({ value, title: value })) },
  { key: 'mine', title: text.facets.mine, single: true, options: Object.entries(text.mine).map(([value, title]) => ({ value, title })) },
];

/** The incidents that a filter leaves, for a person. */
export function filtered(incidents: readonly Row[], filter: FilterValue, search: string, me: string | undefined): Row[] {
  const words = search.trim().toLowerCase();
  const [mine] = filter['mine'] ?? [];
  return incidents.filter(
    (incident) =>
      (filter['state']?.includes(incident.state) ?? true) &&
      (filter['priority']?.includes(priorityOf(incident)) ?? true) &&
      (mine === undefined || (mine === 'me' ? incident.assignee === me : !incident.assignee && !isOver(incident))) &&
      (words === '' || `${incident.title} ${incident.detail}`.toLowerCase().includes(words)),
  );
}

/** What people see of an incident, for comparing two versions of it. */
export function facts(incident: Incident): Record<string, string> {
  return {
    [text.columns.state]: text.states[incident.state],
    [text.columns.assignee]: incident.assignee ?? text.facts.nobody,
    [text.facts.escalations]: String(incident.escalations),
    [text.timeline]: incident.timeline?.at(-1)?.text ?? '',
  };
}

/** What differs between two versions of an incident. */
export function differences(seen: Incident, now: Incident): { name: string; before: string; after: string }[] {
  const [before, after] = [facts(seen), facts(now)];
  return Object.keys(before)
    .map((name) => ({ name, before: before[name] ?? '', after: after[name] ?? '' }))
    .filter((one) => one.before !== one.after);
}
