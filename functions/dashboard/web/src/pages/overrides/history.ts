import type { Override } from '../../documents/override';
import type { Facet, FilterValue } from '../../ui/filters';
import { changeWords, scopeWords } from './describe';
import { CONTROLS, controlTitle } from './policy';
import { text } from './text';

type Kept = Override & { id: string };

const DAY_MS = 86_400_000;
export const TIMES: Readonly<Record<string, number>> = { day: DAY_MS, week: 7 * DAY_MS, month: 31 * DAY_MS };

/** Who asked, as an address names them. */
export const askedBy = ({ requested_by: by }: Override): string => (by.kind === 'person' ? by.uid : by.account);

/** What history is filtered by; people are those who asked for what is loaded. */
export function facets(overrides: readonly Kept[], name: (override: Override) => string): Facet[] {
  const count = (of: (one: Kept) => string): Map<string, number> => {
    const counts = new Map<string, number>();
    for (const one of overrides) counts.set(of(one), (counts.get(of(one)) ?? 0) + 1);
    return counts;
  };
  const controls = count((one) => one.change.control);
  const states = count((one) => one.state);
  const names = new Map(overrides.map((one) => [askedBy(one), name(one)]));
  const asked = count(askedBy);
  const titled = (value: string, title: string, counts: Map<string, number>) => ({ value, title, count: counts.get(value) ?? 0 });
  return [
    {
      key: 'control',
      title: text.history.control,
      options: [...new Set([...Object.keys(CONTROLS), ...controls.keys()])].map((value) => titled(value, controlTitle(value), controls)),
    },
    {
      key: 'state',
      title: text.history.state,
      options: Object.entries(text.override.state).map(([value, title]) => titled(value, title, states)),
    },
    {
      key: 'person',
      title: text.history.person,
      options: [...names].map(([value, title]) => titled(value, title, asked)).sort((one, other) => one.title.localeCompare(other.title)),
    },
    {
      key: 'time',
      title: text.history.time,
      single: true,
      options: Object.entries(text.history.times).map(([value, title]) => ({ value, title })),
    },
  ];
}

/** Whether an override matches what was chosen and searched for. */
export function matches(override: Kept, filter: FilterValue, search: string, now: number): boolean {
  const chosen = (key: string, value: string): boolean => !filter[key] || filter[key].includes(value);
  const since = TIMES[filter['time']?.[0] ?? ''];
  const words = [override.id, override.change.reason, controlTitle(override.change.control), changeWords(override.change), scopeWords(override.change.scope)];
  return (
    chosen('control', override.change.control) &&
    chosen('state', override.state) &&
    chosen('person', askedBy(override)) &&
    (since === undefined || now - Date.parse(override.requested_at) <= since) &&
    search.toLowerCase().split(/\s+/).every((part) => words.some((word) => word.toLowerCase().includes(part)))
  );
}
