import type { Audit } from '../../documents/audit';
import type { Incident } from '../../documents/incident';
import type { JournalRecord } from '../../documents/journal';
import type { Override } from '../../documents/override';
import type { Stored } from '../../live/live.svelte';
import { changeWords } from '../overrides/describe';
import { people } from '../../people/people.svelte';
import { controlTitle } from '../overrides/policy';
import { percent } from './standing';
import { text } from './text';

/** Something that happened, in a line. */
export interface Happened {
  id: string;
  what: string;
  about: string;
  href: string | undefined;
  at: string;
}

/** As the journal tells it, newest first: what one cause did to many documents is one line. */
export function ofJournal(records: readonly Stored<JournalRecord>[], most: number): Happened[] {
  const runs: Stored<JournalRecord>[][] = [];
  for (const record of records) {
    const run = runs.at(-1);
    const [first] = run ?? [];
    if (run && first?.action === record.action && first.correlation === record.correlation) run.push(record);
    else runs.push([record]);
  }
  return runs.slice(0, most).flatMap(([newest, ...rest]) => (newest ? [line(newest, rest.length)] : []));
}

const line = (record: Stored<JournalRecord>, more: number): Happened => ({
  id: record.id,
  what: record.action,
  about: text.newest.by(more > 0 ? text.newest.many(more + 1) : record.target, who(record)),
  href: `/events/traces/${encodeURIComponent(record.correlation)}`,
  at: record.time,
});

/** A person by what they are called; a service by the name of its account. */
const who = ({ actor }: JournalRecord): string =>
  actor.kind === 'person' ? people.actor(actor) : (actor.account.split('@')[0] ?? actor.account);

/** What documents tell of themselves to those who may not read the journal, the newest first. */
export function ofDocuments(
  incidents: readonly Stored<Incident>[],
  overrides: readonly Stored<Override>[],
  audits: readonly Stored<Audit>[],
  most: number,
): Happened[] {
  const all = [...incidents.flatMap(ofIncident), ...overrides.flatMap(ofOverride), ...audits.map(ofAudit)];
  return all.sort((one, other) => Date.parse(other.at) - Date.parse(one.at)).slice(0, most);
}

function ofIncident(one: Stored<Incident>): Happened[] {
  const href = `/incidents/${encodeURIComponent(one.id)}`;
  const said = (key: string, what: string, at: string | null | undefined): Happened[] =>
    at ? [{ id: `${one.id} ${key}`, what, about: one.title, href, at }] : [];
  return [
    ...said('opened', text.newest.opened, one.opened_at),
    ...said('acknowledged', text.newest.acknowledged, one.acknowledged?.at),
    ...said('resolved', text.newest.resolved, one.resolved_at),
  ];
}

function ofOverride(one: Stored<Override>): Happened[] {
  const href = `/overrides/${encodeURIComponent(one.id)}`;
  const about = `${changeWords(one.change)}: ${controlTitle(one.change.control)}`;
  const said = (key: string, what: string, at: string | null | undefined): Happened[] =>
    at ? [{ id: `${one.id} ${key}`, what, about, href, at }] : [];
  return [
    ...said('requested', text.newest.requested, one.requested_at),
    ...said('activated', text.newest.activated, one.activated_at),
    ...said('ended', text.newest.ended(one.state), one.ended?.at),
  ];
}

const ofAudit = (one: Stored<Audit>): Happened => ({
  id: one.id,
  what: text.newest.audited,
  about: one.score == null ? text.newest.unscored : percent(one.score),
  href: `/audits/runs/${encodeURIComponent(one.id)}`,
  at: one.as_of,
});
