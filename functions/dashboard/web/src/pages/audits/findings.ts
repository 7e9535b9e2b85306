import type { Stored } from '../../live/live.svelte';
import type { Facet, FilterValue } from '../../ui/filters';
import { SEVERITIES, type Finding } from './documents';
import { text } from './text';

export type Row = Stored<Finding>;

const NO_OWNER = '-';

/** The last part of a resource name, which people know it by. */
export const shortName = (asset: string): string => asset.split('/').at(-1) || asset;

/** The service and the kind, without Google's domain: `storage Bucket`. */
export const shortType = (type: string): string => type.replace('.googleapis.com/', ' ');

function counted(rows: readonly Row[], of: (row: Row) => string): [string, number][] {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(of(row), (counts.get(of(row)) ?? 0) + 1);
  return [...counts].sort(([one], [other]) => one.localeCompare(other));
}

const FACETS: { key: keyof typeof text.findings.facets; of: (row: Row) => string; title?: (value: string) => string }[] = [
  { key: 'state', of: (row) => row.state, title: (value) => text.findings.states[value as Row['state']] },
  { key: 'severity', of: (row) => row.severity, title: (value) => text.severities[value as Row['severity']] },
  { key: 'control', of: (row) => row.control },
  { key: 'asset', of: (row) => row.asset_type, title: shortType },
  { key: 'owner', of: (row) => row.owner ?? NO_OWNER, title: (value) => (value === NO_OWNER ? text.findings.noOwner : value) },
];

const stateOptions = Object.entries(text.findings.states).map(([value, title]) => ({ value, title }));
const severityRank = (value: string): number => (SEVERITIES as readonly string[]).indexOf(value);

/** What there is to filter by, with how many rows have it. What an address asks for is an option, found or not. */
export function facets(rows: readonly Row[], query: URLSearchParams): Facet[] {
  return FACETS.map(({ key, of, title }) => {
    // Only what is asked for by its state is read: how many there are of others is not known.
    if (key === 'state') return { key, title: text.findings.facets.state, options: stateOptions };
    const found = new Map(counted(rows, of));
    for (const asked of query.getAll(key)) if (!found.has(asked)) found.set(asked, 0);
    const options = [...found].map(([value, count]) => ({ value, title: title?.(value) ?? value, count }));
    if (key === 'severity') options.sort((one, other) => severityRank(one.value) - severityRank(other.value));
    return { key, title: text.findings.facets[key], options };
  });
}

/** The rows that every facet and the words agree on. */
export function filtered(rows: readonly Row[], value: FilterValue, search: string): Row[] {
  const wanted = FACETS.flatMap(({ key, of }) => {
    const chosen = value[key];
    return chosen ? [{ of, chosen: new Set(chosen) }] : [];
  });
  const words = search.trim().toLowerCase();
  return rows.filter(
    (row) =>
      wanted.every(({ of, chosen }) => chosen.has(of(row))) &&
      (!words || `${row.control} ${row.title} ${row.asset_name} ${row.evidence}`.toLowerCase().includes(words)),
  );
}

const CSV_COLUMNS = [
  'id',
  'control',
  'title',
  'severity',
  'state',
  'asset_name',
  'asset_type',
  'owner',
  'evidence',
  'first_seen',
  'opened_at',
  'times_opened',
  'last_seen',
  'resolved_at',
  'exception',
] as const;

/** Quotes a cell (RFC 4180); a leading sign that a spreadsheet would run as a formula is made text. */
function cell(value: unknown): string {
  const words = value === null || value === undefined ? '' : String(value);
  const safe = /^[=+\-@\t\r]/.test(words) ? `'${words}` : words;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export const toCsv = (rows: readonly Row[]): string =>
  [CSV_COLUMNS.join(','), ...rows.map((row) => CSV_COLUMNS.map((name) => cell(row[name])).join(','))].join('\r\n') + '\r\n';
