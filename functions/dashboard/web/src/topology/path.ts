export interface Point {
  x: number;
  y: number;
}

const CORNER = 7;

/** Joins points with straight lines whose corners are round. */
export function path(points: readonly Point[]): string {
  const [first, ...rest] = straightened(points);
  if (!first) return '';
  const parts = [`M${at(first)}`];
  rest.forEach((point, index) => {
    const next = rest[index + 1];
    const before = index === 0 ? first : rest[index - 1];
    if (!next || !before) parts.push(`L${at(point)}`);
    else parts.push(`L${at(towards(point, before))}`, `Q${at(point)} ${at(towards(point, next))}`);
  });
  return parts.join('');
}

/** Leaves out points that nothing turns at. */
function straightened(points: readonly Point[]): Point[] {
  return points.filter((point, index) => {
    const [before, next] = [points[index - 1], points[index + 1]];
    if (!before) return true;
    if (near(before, point)) return false;
    if (!next) return true;
    return !((before.x === point.x && point.x === next.x) || (before.y === point.y && point.y === next.y));
  });
}

const near = (one: Point, other: Point): boolean => Math.abs(one.x - other.x) + Math.abs(one.y - other.y) < 0.01;

/** The point on the way to another at which a corner begins. */
function towards(from: Point, to: Point): Point {
  const [x, y] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(x, y) || 1;
  const share = Math.min(CORNER, length / 2) / length;
  return { x: from.x + x * share, y: from.y + y * share };
}

const at = ({ x, y }: Point): string => `${round(x)} ${round(y)}`;
const round = (value: number): number => Math.round(value * 10) / 10;
