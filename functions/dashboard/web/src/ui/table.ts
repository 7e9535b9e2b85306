import type { Snippet } from 'svelte';
import type { SortValue } from './sort';

export interface Column<Row> {
  key: string;
  title: string;
  /** What the column sorts by, and what it shows unless `cell` does. */
  value: (row: Row) => SortValue;
  cell?: Snippet<[Row]>;
  /** In pixels; columns without a width share the rest. */
  width?: number;
  /** The least a column without a width may have. */
  least?: number;
  align?: 'start' | 'end';
  sortable?: boolean;
  /** Where it stands in the card that a row becomes on a phone. The first column is the title by default. */
  card?: 'title' | 'line' | 'hidden';
  mono?: boolean;
}

export type TableState = 'ready' | 'loading' | 'refused' | 'failed';

export const LEAST_WIDTH = 120;

/** Text for a cell without a snippet. */
export function cellText(value: SortValue): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'number' ? numbers.format(value) : String(value);
}

const numbers = new Intl.NumberFormat('en', { maximumFractionDigits: 3 });
