import type { Incident } from '../../documents/incident';
import { text } from './text';

/** What differs between two versions of an incident. */
export interface Difference {
  name: string;
  before: string;
  after: string;
}

/** Names a person or a service. */
type Names = { name: (uid: string) => string; actor: (actor: NonNullable<Incident['timeline']>[number]['by']) => string };

/** What people see of an incident, in an order that does not change. */
function shown(incident: Incident, names: Names): Record<string, string> {
  return {
    [text.columns.state]: text.states[incident.state],
    [text.columns.assignee]: incident.assignee ? names.name(incident.assignee) : text.facts.nobody,
    [text.facts.escalations]: String(incident.escalations ?? 0),
    [text.facts.overrides]: String(incident.overrides?.length ?? 0),
    [text.facts.findings]: String(incident.findings?.length ?? 0),
    [text.newest]: incident.timeline?.at(-1)?.text ?? '',
  };
}

/** Tells what somebody else made of an incident. */
export function differences(seen: Incident, now: Incident, names: Names): Difference[] {
  const [before, after] = [shown(seen, names), shown(now, names)];
  return Object.keys(before)
    .map((name) => ({ name, before: before[name] ?? '', after: after[name] ?? '' }))
    .filter((one) => one.before !== one.after);
}

/** Who changed an incident last, by what its timeline says. */
export function lastBy(incident: Incident, names: Names): string | undefined {
  const by = incident.timeline?.at(-1)?.by;
  return by && names.actor(by);
}
