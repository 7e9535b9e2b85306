import { edgesOf, meetings } from './meetings';
import type { MeshFunction, Topology, Trigger } from './topology';

export type NodeKind = 'people' | 'function' | 'topic' | 'document';
export type EdgeKind = 'http' | 'topic' | 'document';

export interface Node {
  id: string;
  kind: NodeKind;
  /** Of a function: its own. Of topics and collections: of all that connect the same functions. */
  names: string[];
  /** Of a function: its triggers that the time sets off. They are marked on it, since nobody calls them. */
  schedules: string[];
}

export interface Edge {
  from: string;
  to: string;
  kind: EdgeKind;
  /** The triggers of the function at its end that it sets off; none where a function only publishes. */
  triggers: string[];
}

export interface Graph {
  nodes: Node[];
  edges: Edge[];
}

export const PEOPLE = 'people';
export const functionNode = (name: string): string => `function:${name}`;

/** Draws who reaches whom. The order is that of names, so that the same topology is always drawn the same. */
export function graphOf(topology: Topology): Graph {
  const functions = [...topology.functions].sort((left, right) => (left.name < right.name ? -1 : 1));
  const met = meetings(functions);
  const nodes: Node[] = [
    ...(functions.some(forPeople) ? [node(PEOPLE, 'people', [])] : []),
    ...functions.map((one) => node(functionNode(one.name), 'function', [one.name], one.triggers.filter(isSchedule).map(({ id }) => id))),
    ...met.map(({ id, kind, names }) => node(id, kind, names)),
  ];
  const known = new Set(functions.map(({ name }) => name));
  const edges = functions.flatMap((one): Edge[] => [
    ...(forPeople(one) ? [{ from: PEOPLE, to: functionNode(one.name), kind: 'http' as const, triggers: httpOf(one) }] : []),
    ...one.calls
      // A call of oneself says nothing of how functions hang together.
      .filter((called) => known.has(called) && called !== one.name)
      .map((called): Edge => ({
        from: functionNode(one.name),
        to: functionNode(called),
        kind: 'http',
        triggers: httpOf(functions.find(({ name }) => name === called)),
      })),
  ]);
  return { nodes, edges: [...edges, ...met.flatMap(edgesOf)].sort((left, right) => (key(left) < key(right) ? -1 : 1)) };
}

export const key = ({ from, to, kind }: Pick<Edge, 'from' | 'to' | 'kind'>): string => `${from} ${to} ${kind}`;

const node = (id: string, kind: NodeKind, names: string[], schedules: string[] = []): Node => ({ id, kind, names, schedules });
const isSchedule = (trigger: Trigger): boolean => trigger.kind === 'schedule';
const httpOf = (one: MeshFunction | undefined): string[] =>
  (one?.triggers ?? []).filter(({ kind }) => kind === 'http').map(({ id }) => id);

/** People reach what is theirs or everybody's; what is for services alone, they do not. */
const forPeople = ({ triggers }: MeshFunction): boolean =>
  triggers.some((trigger) => trigger.kind === 'http' && trigger.callers.some((caller) => caller !== 'services'));
