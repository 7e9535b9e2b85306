/** A name for filters. */
export interface View {
  name: string;
  /** As in the address, without the question mark. */
  query: string;
}

/** More than this is no longer a choice. */
const VIEWS_MAX = 50;
export const NAME_MAX = 60;

/** Reads what was kept, and forgets what is none. */
export function parsed(kept: string | null): View[] {
  try {
    const value: unknown = JSON.parse(kept ?? '[]');
    if (!Array.isArray(value)) return [];
    return value
      .filter((one): one is View => typeof one?.name === 'string' && typeof one?.query === 'string')
      .map(({ name, query }) => ({ name, query }))
      .slice(0, VIEWS_MAX);
  } catch {
    return [];
  }
}

/** Adds a view, in the place of the one with its name. */
export const replaced = (views: readonly View[], view: View): View[] =>
  [...views.filter(({ name }) => name !== view.name), view]
    .sort((one, other) => one.name.localeCompare(other.name))
    .slice(0, VIEWS_MAX);
