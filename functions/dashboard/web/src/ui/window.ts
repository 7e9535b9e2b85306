/** The rows that are in view, and a few around them. */
export interface RowWindow {
  first: number;
  /** One past the last. */
  end: number;
  above: number;
  below: number;
}

/** Rows beyond the edges, so that a quick scroll meets no blank. */
const OVERSCAN = 4;

export function rowWindow(total: number, rowHeight: number, scrollTop: number, viewHeight: number): RowWindow {
  if (total === 0 || rowHeight <= 0) return { first: 0, end: 0, above: 0, below: 0 };
  const visible = Math.ceil(viewHeight / rowHeight);
  const lastTop = Math.max(0, total - visible);
  const top = Math.min(Math.max(0, Math.floor(scrollTop / rowHeight)), lastTop);
  // Even numbers only: the striping and the recycled rows then stay put while scrolling.
  const first = Math.max(0, top - OVERSCAN) & ~1;
  const end = Math.min(total, top + visible + 1 + OVERSCAN);
  return { first, end, above: first * rowHeight, below: (total - end) * rowHeight };
}

/** The first rows, without any scrolling: for paper. */
export const firstRows = (total: number, most: number): RowWindow => ({ first: 0, end: Math.min(total, most), above: 0, below: 0 });

/** How many rows are drawn at most: a row's place in the pool is its index modulo this. A row then keeps its elements
    while it is in view, and one that leaves hands them to one that enters: nothing is built anew while scrolling. */
export const poolSize = (rowHeight: number, viewHeight: number): number =>
  Math.ceil(viewHeight / Math.max(1, rowHeight)) + 2 * OVERSCAN + 2;

/** The scroll position that brings a row into full view, moving as little as possible. */
export function scrollTo(row: number, rowHeight: number, scrollTop: number, viewHeight: number): number {
  const top = row * rowHeight;
  if (top < scrollTop) return top;
  if (top + rowHeight > scrollTop + viewHeight) return top + rowHeight - viewHeight;
  return scrollTop;
}
