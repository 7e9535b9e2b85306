/** A vertical line in the gap between two layers: where lines come from the left, and where they go on to the right. */
export interface Trunk {
  id: string;
  left: number[];
  right: number[];
}

/** Heights that are nearer than this are one: there is no vertical line between them. */
const LEVEL = 0.5;

/** Orders the vertical lines of a gap from left to right, so that few lines cross. Those that are straight need none. */
export function ordered(trunks: readonly Trunk[]): Trunk[] {
  const order = trunks.filter((trunk) => span(trunk).length > LEVEL).sort((one, other) => (one.id < other.id ? -1 : 1));
  // Neighbours change places while that helps: each pass is bounded, and so are the passes.
  for (let pass = 0; pass < order.length; pass += 1) {
    let changed = false;
    for (let index = 0; index + 1 < order.length; index += 1) {
      const [one, other] = [order[index], order[index + 1]];
      if (one && other && crossings(other, one) < crossings(one, other)) {
        order[index] = other;
        order[index + 1] = one;
        changed = true;
      }
    }
    if (!changed) break;
  }
  return order;
}

/** How often two trunks cross when the first stands to the left of the second. */
export function crossings(left: Trunk, right: Trunk): number {
  return count(left.right, span(right)) + count(right.left, span(left));
}

interface Span {
  low: number;
  high: number;
  length: number;
}

function span({ left, right }: Trunk): Span {
  const all = [...left, ...right];
  const [low, high] = [Math.min(...all), Math.max(...all)];
  return { low, high, length: high - low };
}

const count = (heights: readonly number[], { low, high }: Span): number =>
  heights.filter((height) => height > low - LEVEL && height < high + LEVEL).length;
