/** One thing to filter by. */
export interface Facet {
  key: string;
  title: string;
  options: readonly { value: string; title: string; count?: number }[];
  /** Only one option at a time. */
  single?: boolean;
}

/** The chosen options of each facet; a facet without any is left out. */
export type FilterValue = Readonly<Record<string, readonly string[]>>;

/** Adds or removes one option, without touching the rest. */
export function toggled(value: FilterValue, facet: Facet, option: string): FilterValue {
  const chosen = value[facet.key] ?? [];
  const on = chosen.includes(option);
  const next = on ? chosen.filter((other) => other !== option) : facet.single ? [option] : [...chosen, option];
  const { [facet.key]: _, ...rest } = value;
  return next.length > 0 ? { ...rest, [facet.key]: next } : rest;
}

/** As it stands in an address: `state=open&state=resolved`; sorted, so that equal filters have equal addresses. */
export function toQuery(value: FilterValue): URLSearchParams {
  const query = new URLSearchParams();
  for (const key of Object.keys(value).sort())
    for (const option of [...(value[key] ?? [])].sort()) query.append(key, option);
  return query;
}

/** Reads what the facets know from an address, and nothing else. */
export function fromQuery(query: URLSearchParams, facets: readonly Facet[]): FilterValue {
  const value: Record<string, string[]> = {};
  for (const facet of facets) {
    const known = new Set(facet.options.map((option) => option.value));
    const chosen = [...new Set(query.getAll(facet.key))].filter((option) => known.has(option));
    if (chosen.length > 0) value[facet.key] = facet.single ? chosen.slice(0, 1) : chosen;
  }
  return value;
}
