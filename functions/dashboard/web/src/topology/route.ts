import { key, type Edge } from './graph';
import type { Layered, Layers } from './layers';
import type { Point } from './path';
import type { Ports } from './ports';
import { ordered, type Trunk } from './tracks';

/** The left and right border of each layer. */
export interface Column {
  left: number;
  right: number;
}

/** What a gap between layers has at least, what each vertical line in it takes, and what stays free before nodes. */
const GAP = 46;
const TRACK = 11;
const CLEAR = 18;

/** One crossing of a gap by an edge, in the edge's direction. */
interface Step {
  gap: number;
  trunk: string;
  /** To the right. An edge that runs back comes from there. */
  forward: boolean;
  from: number;
  to: number;
}

export interface Routes {
  columns: Column[];
  width: number;
  points: Map<string, Point[]>;
}

/** Leads edges from node to node: level through layers, and upright in the gaps between them. */
export function route(edges: readonly Edge[], layers: Layers, ports: Ports): Routes {
  const at = new Map(layers.nodes.map((node) => [node.id, node]));
  const steps = new Map(edges.map((edge) => [key(edge), stepsOf(edge, at, layers, ports)]));
  const last = Math.max(0, ...layers.nodes.map(({ layer }) => layer));

  const columns: Column[] = [];
  const tracks = new Map<string, number>();
  for (let layer = 0, left = 0; layer <= last; layer += 1) {
    const widest = Math.max(0, ...layers.nodes.filter((node) => node.layer === layer).map(({ width }) => width));
    columns.push({ left, right: left + widest });
    const order = ordered(trunksOf([...steps.values()].flat(), layer));
    const gap = Math.max(GAP, 2 * CLEAR + (order.length - 1) * TRACK);
    const first = left + widest + (gap - Math.max(0, order.length - 1) * TRACK) / 2;
    order.forEach(({ id }, index) => tracks.set(`${layer} ${id}`, first + index * TRACK));
    left += widest + gap;
  }
  const points = edges.map((edge): [string, Point[]] => {
    const [from, to] = [columns[at.get(edge.from)?.layer ?? 0], columns[at.get(edge.to)?.layer ?? 0]];
    const forward = (at.get(edge.to)?.layer ?? 0) > (at.get(edge.from)?.layer ?? 0);
    const way = steps.get(key(edge)) ?? [];
    const turns = way.flatMap((step): Point[] => {
      const x = tracks.get(`${step.gap} ${step.trunk}`);
      return x === undefined ? [] : [{ x, y: step.from }, { x, y: step.to }];
    });
    const start = { x: (forward ? from?.right : from?.left) ?? 0, y: way[0]?.from ?? 0 };
    const end = { x: (forward ? to?.left : to?.right) ?? 0, y: way.at(-1)?.to ?? 0 };
    return [key(edge), [start, ...turns, end]];
  });
  return { columns, width: columns.at(-1)?.right ?? 0, points: new Map(points) };
}

function stepsOf(edge: Edge, at: ReadonlyMap<string, Layered>, { passes }: Layers, { leaves, arrives }: Ports): Step[] {
  const id = key(edge);
  const [from, to] = [at.get(edge.from)?.layer ?? 0, at.get(edge.to)?.layer ?? 0];
  const forward = to > from;
  const way = [leaves.get(id) ?? 0, ...(passes.get(id) ?? []), arrives.get(id) ?? 0];
  return way.slice(1).map((height, index) => ({
    gap: forward ? from + index : from - index - 1,
    // What leaves together stays together until the first turn.
    trunk: index === 0 ? `${edge.from} ${edge.kind} ${forward}` : id,
    forward,
    from: way[index] ?? height,
    to: height,
  }));
}

function trunksOf(steps: readonly Step[], gap: number): Trunk[] {
  const trunks = new Map<string, Trunk>();
  for (const step of steps.filter((one) => one.gap === gap)) {
    const trunk = trunks.get(step.trunk) ?? { id: step.trunk, left: [], right: [] };
    trunks.set(step.trunk, trunk);
    (step.forward ? trunk.left : trunk.right).push(step.from);
    (step.forward ? trunk.right : trunk.left).push(step.to);
  }
  return [...trunks.values()];
}
