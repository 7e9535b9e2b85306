import type { Sort } from '../../ui/sort';

/** How a table is sorted, as it stands in an address: `opened`, or `-opened` for the largest first. */
export const writeSort = (sort: Sort | null): string | undefined => (sort ? `${sort.descending ? '-' : ''}${sort.key}` : undefined);

export function readSort(written: string | null): Sort | null {
  if (!written) return null;
  const descending = written.startsWith('-');
  return { key: descending ? written.slice(1) : written, descending };
}
