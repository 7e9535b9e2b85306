import type { Wanted } from '../../live/listening';

/** What of the journal somebody looks for; an empty text is anything. */
export interface Search {
  /** An address, a service account, or a person's id. */
  actor: string;
  /** `noun.verb`. */
  action: string;
  /** The path of a document. */
  target: string;
  correlation: string;
  since: Since;
  /** ISO 8601; only with `since` at `between`. */
  from: string;
  to: string;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
export const SPANS = { hour: HOUR_MS, day: 24 * HOUR_MS, week: 7 * 24 * HOUR_MS } as const;
export type Since = '' | keyof typeof SPANS | 'between';

const TEXTS = ['actor', 'action', 'target', 'correlation'] as const;

export const nothing: Search = { actor: '', action: '', target: '', correlation: '', since: '', from: '', to: '' };

export const isFiltered = (search: Search): boolean => Object.values(search).some(Boolean);

export function fromQuery(query: URLSearchParams): Search {
  const search = { ...nothing };
  for (const name of TEXTS) search[name] = (query.get(name) ?? '').trim();
  search.from = moment(query.get('from'));
  search.to = moment(query.get('to'));
  const since = query.get('since') ?? '';
  if (since in SPANS) search.since = since as Since;
  else if (search.from || search.to) search.since = 'between';
  return search;
}

/** As it stands in the address; what is not asked for is left out. */
export function toQuery(search: Search): Record<string, string | undefined> {
  const between = search.since === 'between';
  return {
    ...Object.fromEntries(TEXTS.map((name) => [name, search[name].trim() || undefined])),
    since: between ? undefined : search.since || undefined,
    from: between ? search.from || undefined : undefined,
    to: between ? search.to || undefined : undefined,
  };
}

/** An address of the page with a search and nothing else. */
export function searchAddress(search: Partial<Search>): string {
  const given = Object.entries(toQuery({ ...nothing, ...search })).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const query = new URLSearchParams(given).toString();
  return query ? `/log?${query}` : '/log';
}

/** The query of the journal, newest first. A span is counted from `now`, to the minute, so that it stays one query. */
export function wanted(search: Search, limit: number, now: number): Wanted {
  const where: [string, '==' | '>=' | '<=', unknown][] = [];
  if (search.actor) where.push([actorField(search.actor), '==', search.actor]);
  for (const name of ['action', 'target', 'correlation'] as const) if (search[name]) where.push([name, '==', search[name]]);
  const [from, to] = bounds(search, now);
  if (from !== undefined) where.push(['time', '>=', new Date(from)]);
  if (to !== undefined) where.push(['time', '<=', new Date(to)]);
  return { collection: 'journal', where, order: [['time', 'desc']], limit };
}

/** Service accounts and people are told apart by what names them. */
function actorField(actor: string): string {
  if (!actor.includes('@')) return 'actor.uid';
  return actor.endsWith('.gserviceaccount.com') ? 'actor.account' : 'actor.email';
}

function bounds(search: Search, now: number): [number | undefined, number | undefined] {
  if (search.since === 'between') return [search.from, search.to].map(millis) as [number | undefined, number | undefined];
  if (search.since === '') return [undefined, undefined];
  return [Math.floor(now / MINUTE_MS) * MINUTE_MS - SPANS[search.since], undefined];
}

const millis = (text: string): number | undefined => (text ? Date.parse(text) : undefined);

function moment(text: string | null): string {
  const at = Date.parse(text ?? '');
  return Number.isNaN(at) ? '' : new Date(at).toISOString();
}
