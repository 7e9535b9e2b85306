import type { Schema } from '../../api/types';
import type { Check, CheckState } from '../../documents/check';
import type { Stored } from '../../live/live.svelte';
import type { ChartSeries } from '../../ui/chart';
import type { Facet, FilterValue } from '../../ui/filters';
import { text } from './text';

export type CheckRow = Stored<Check>;
export type Result = Pick<Schema<'CheckResult'>, 'tick' | 'passed' | 'verdict' | 'latency_ms'>;

/** A result like those before it is kept so often at least, in seconds. */
const KEPT_EVERY_SECONDS = 15 * 60;

export const stateOf = (check: Pick<Check, 'state'>): CheckState => check.state ?? 'unknown';

export const checkFacets: readonly Facet[] = [
  { key: 'state', title: text.checks.columns.state, options: Object.entries(text.checks.states).map(([value, title]) => ({ value, title })) },
  { key: 'kind', title: text.checks.columns.kind, options: Object.entries(text.checks.kinds).map(([value, { title }]) => ({ value, title })) },
];

/** The checks that a filter leaves. */
export function filteredChecks(checks: readonly CheckRow[], filter: FilterValue, search: string): CheckRow[] {
  const words = search.trim().toLowerCase();
  return checks.filter(
    (check) =>
      (filter['state']?.includes(stateOf(check)) ?? true) &&
      (filter['kind']?.includes(check.spec.probe.kind) ?? true) &&
      (words === '' || `${check.id} ${check.spec.name} ${check.detail ?? ''}`.toLowerCase().includes(words)),
  );
}

/** The times of results, oldest first, for a line: where nothing came back there is a gap. */
export const sparkValues = (newestFirst: readonly Result[]): (number | null)[] =>
  newestFirst.map(({ passed, latency_ms: latency }) => (passed ? latency : null)).reverse();

/**
 * Results for a chart, oldest first. Between two results that are further apart than results like one another are kept,
 * nobody looked: there is a gap, and no line that pretends to know.
 */
export function chartOf(newestFirst: readonly Result[], intervalSeconds: number): { times: number[]; series: ChartSeries[] } {
  const apart = KEPT_EVERY_SECONDS + 2 * intervalSeconds;
  const times: number[] = [];
  const passed: (number | null)[] = [];
  const failed: (number | null)[] = [];
  const add = (time: number, good: number | null, bad: number | null): void => {
    times.push(time);
    passed.push(good);
    failed.push(bad);
  };
  for (const result of [...newestFirst].reverse()) {
    const time = Date.parse(result.tick) / 1000;
    const before = times.at(-1);
    if (before !== undefined && time - before > apart) add(before + apart, null, null);
    add(time, result.passed ? result.latency_ms : null, result.passed ? null : result.latency_ms);
  }
  const { passed: good, failed: bad } = text.checks.chart;
  return { times, series: [{ label: good, values: passed }, ...(failed.some((value) => value !== null) ? [{ label: bad, values: failed }] : [])] };
}

/** A maintenance window is over, on, or still to come. */
export function windowState(window: { from: string; until: string }, now: number): 'over' | 'on' | 'coming' {
  if (now >= Date.parse(window.until)) return 'over';
  return now >= Date.parse(window.from) ? 'on' : 'coming';
}

/** A window of an hour that begins at the next quarter. */
export function newWindow(now: number): { from: string; until: string; reason: string } {
  const hour = 3_600_000;
  const from = Math.ceil(now / (hour / 4)) * (hour / 4);
  return { from: new Date(from).toISOString(), until: new Date(from + hour).toISOString(), reason: '' };
}

/** A moment as a field for date and time has it, in the zone of its reader. */
export function toLocal(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return '';
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** The moment that such a field says; empty if it says none. */
export function fromLocal(local: string): string {
  const at = new Date(local);
  return local && !Number.isNaN(at.getTime()) ? at.toISOString() : '';
}
