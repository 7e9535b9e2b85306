import { place } from '../../router.svelte';
import { listen } from '../../ui/keys';
import { toQuery, type FilterValue } from '../../ui/filters';
import { text } from './text';

/** What stands in the address beside the facets, and stays when they change. */
const KEPT = ['search', 'sort'];

/** Filters a list: the address says by what. */
export function filter(next: FilterValue): void {
  const query = toQuery(next);
  for (const name of KEPT) {
    const value = place.query.get(name);
    if (value) query.set(name, value);
  }
  const words = query.toString();
  place.go(place.path + (words ? `?${words}` : ''), { replace: true });
}

/** Lets `j` and `k` enter a table from anywhere on the page; within it they go from row to row. */
export function rowKeys(): void {
  const enter = (): void =>
    document.querySelector<HTMLElement>('main [role="grid"] tr[tabindex="0"], main [data-row] a, main li a')?.focus();
  const shortcut = (keys: string) => ({ keys, title: text.keys, group: text.title, run: enter });
  $effect(() => listen(document, () => [shortcut('j'), shortcut('k')]));
}
