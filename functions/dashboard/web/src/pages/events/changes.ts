import type { Schema } from '../../api/types';
import type { Facet, FilterValue } from '../../ui/filters';
import { text } from './text';

/** A change that somebody may see; who made it and why only whoever may read the journal. */
export type Change = Schema<'ChangeEvent'> & { id: string };

/** As many as anybody reads back; the journal has the rest, and a page that is open for a day must not grow. */
export const CHANGES_MAX = 1_000;

/** What kind of document a change is of, such as `incidents`. */
export const kindOf = (change: Pick<Change, 'target'>): string => change.target.split('/')[0] ?? '';

/** What `news` adds in front, each once, and never more than are kept. Both have the newest first. */
export function added(news: readonly Change[], known: readonly Change[]): Change[] {
  const ids = new Set(known.map(({ id }) => id));
  return [...news.filter(({ id }) => !ids.has(id)), ...known].slice(0, CHANGES_MAX);
}

/** Who made a change, as a filter names them. */
export const actorOf = ({ actor }: Change): string | undefined =>
  actor ? (actor.kind === 'person' ? actor.uid : actor.account) : undefined;

/** What can be filtered by: what occurred, and what the address names already. */
export function facetsOf(changes: readonly Change[], chosen: URLSearchParams, name: (change: Change) => string): Facet[] {
  const kinds = new Set([...changes.map(kindOf), ...chosen.getAll('kind')]);
  const actors = new Map(changes.flatMap((change) => (actorOf(change) ? [[actorOf(change) ?? '', name(change)] as const] : [])));
  for (const actor of chosen.getAll('actor')) if (!actors.has(actor)) actors.set(actor, actor);
  const facets: Facet[] = [{ key: 'kind', title: text.changes.facets.kind, options: [...kinds].sort().map((value) => ({ value, title: value })) }];
  if (actors.size > 0) {
    const options = [...actors].map(([value, title]) => ({ value, title }));
    facets.push({ key: 'actor', title: text.changes.facets.actor, options: options.sort((one, other) => one.title.localeCompare(other.title)) });
  }
  return facets;
}

/** The changes that a filter leaves. */
export function filtered(changes: readonly Change[], filter: FilterValue, search: string): readonly Change[] {
  const words = search.trim().toLowerCase();
  if (words === '' && Object.keys(filter).length === 0) return changes;
  return changes.filter(
    (change) =>
      (filter['kind']?.includes(kindOf(change)) ?? true) &&
      (filter['actor']?.includes(actorOf(change) ?? '') ?? true) &&
      (words === '' || `${change.action} ${change.target} ${change.reason ?? ''} ${change.id}`.toLowerCase().includes(words)),
  );
}

/** Whether what somebody looks for is the id of a trace: 32 digits, or a UUID. */
export const isCorrelation = (search: string): boolean => /^(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i.test(search.trim());
