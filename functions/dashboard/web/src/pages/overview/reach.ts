import { functionNode, PEOPLE, type Edge, type Graph, type Node } from '../../topology/graph';
import { sum, type Figures } from './figures';
import type { Running } from './functions';
import { text } from './text';

/** What a node is called in sentences. */
export const nameOf = (node: Node | undefined): string =>
  node === undefined ? '' : node.id === PEOPLE ? text.map.people : node.names.join(', ');

/** What goes through an edge: what the function at its end says of the triggers that it sets off. */
export function through({ to, triggers }: Edge, functions: readonly Running[]): Figures | undefined {
  const end = functions.find(({ name }) => functionNode(name) === to);
  return triggers.length > 0 ? sum(end?.figures, triggers) : undefined;
}

/** Figures in words, the same everywhere. */
export function figureWords(figures: Figures | undefined): string {
  if (!figures) return text.figures.none;
  if (figures.perMinute === 0) return text.figures.quiet;
  return [
    text.figures.rate(figures.perMinute),
    ...(figures.lagMs === undefined ? [] : [text.figures.lag(figures.lagMs)]),
    ...(figures.failed > 0 ? [text.figures.failed(figures.failed)] : []),
  ].join(', ');
}

export interface Reach {
  edge: Edge;
  /** The one at the other end. */
  other: Node;
  words: string;
}

/** Who reaches a function, and whom it reaches. */
export function reach(name: string, { nodes, edges }: Graph, functions: readonly Running[]): { by: Reach[]; to: Reach[] } {
  const id = functionNode(name);
  const at = new Map(nodes.map((node) => [node.id, node]));
  const words = (edge: Edge): string =>
    [text.map.by[edge.kind], ...(edge.triggers.length > 0 ? [figureWords(through(edge, functions))] : [])].join(', ');
  const find = (all: readonly Edge[], end: (edge: Edge) => string): Reach[] =>
    all.flatMap((edge) => {
      const other = at.get(end(edge));
      return other ? [{ edge, other, words: words(edge) }] : [];
    });
  return {
    by: find(edges.filter(({ to }) => to === id), ({ from }) => from),
    to: find(edges.filter(({ from }) => from === id), ({ to }) => to),
  };
}
