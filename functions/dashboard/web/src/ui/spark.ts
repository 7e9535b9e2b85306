/** Room for the line's own width and for the dot at its end. */
const EDGE = 3;

/** A line through the values; where one is missing, the line is broken. */
export function sparkPaths(
  values: readonly (number | null)[],
  width: number,
  height: number,
): { path: string; last: { x: number; y: number } | null } {
  const known = values.filter((value): value is number => value !== null && Number.isFinite(value));
  if (known.length === 0) return { path: '', last: null };
  const least = Math.min(...known);
  const span = Math.max(...known) - least;
  const x = (at: number): number => round(EDGE + (at * (width - 2 * EDGE)) / Math.max(1, values.length - 1));
  // A level line runs through the middle instead of along the floor.
  const y = (value: number): number =>
    round(span === 0 ? height / 2 : height - EDGE - ((value - least) * (height - 2 * EDGE)) / span);

  let path = '';
  let drawing = false;
  let last: { x: number; y: number } | null = null;
  values.forEach((value, at) => {
    if (value === null || !Number.isFinite(value)) {
      drawing = false;
      return;
    }
    last = { x: x(at), y: y(value) };
    // A lone value is a dot: a path of no length with round ends.
    path += drawing ? `L${last.x} ${last.y}` : `M${last.x} ${last.y}h0`;
    drawing = true;
  });
  return { path, last };
}

const round = (value: number): number => Math.round(value * 10) / 10;
