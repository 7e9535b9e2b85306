import type { MeshFunction, Topology } from './topology';

export type NodeKind = 'people' | 'function' | 'topic' | 'documents';
export type EdgeKind = 'http' | 'topic' | 'document';

export interface Node {
  id: string;
  kind: NodeKind;
  name: string;
}

export interface Edge {
  from: string;
  to: string;
  kind: EdgeKind;
}

export interface Graph {
  nodes: Node[];
  edges: Edge[];
}

export const PEOPLE = 'people';
export const functionNode = (name: string): string => `function:${name}`;
const topicNode = (name: string): string => `topic:${name}`;
const documentsNode = (collection: string): string => `documents:${collection}`;

/** Draws who reaches whom. The order is that of names, so that the same topology is always drawn the same. */
export function graphOf(topology: Topology): Graph {
  const functions = [...topology.functions].sort((left, right) => left.name.localeCompare(right.name));
  const edges = unique(functions.flatMap(edgesOf));
  const nodes = new Map<string, Node>();
  const add = (id: string): void => {
    const [kind = 'people', name = ''] = id.split(/:(.*)/s);
    nodes.set(id, { id, kind: kind as NodeKind, name: name || id });
  };
  functions.forEach(({ name }) => add(functionNode(name)));
  edges.forEach(({ from, to }) => [from, to].forEach(add));
  return { nodes: [...nodes.values()], edges };
}

function edgesOf({ name, triggers, calls, publishes }: MeshFunction): Edge[] {
  const to = functionNode(name);
  const reached = triggers.flatMap((trigger): Edge[] => {
    if (trigger.kind === 'http') {
      const forPeople = trigger.callers.some((caller) => caller !== 'services');
      return forPeople ? [{ from: PEOPLE, to, kind: 'http' }] : [];
    }
    if (trigger.kind === 'pubsub') return [{ from: topicNode(trigger.topic), to, kind: 'topic' }];
    if (trigger.kind === 'firestore') return [{ from: documentsNode(collectionOf(trigger.document)), to, kind: 'document' }];
    return [];
  });
  return [
    ...reached,
    ...calls.map((called): Edge => ({ from: to, to: functionNode(called), kind: 'http' })),
    ...publishes.map((topic): Edge => ({ from: to, to: topicNode(topic), kind: 'topic' })),
  ];
}

/** `checks/{check}/results/{result}` is about `checks/results`. */
const collectionOf = (pattern: string): string =>
  pattern
    .split('/')
    .filter((part) => !part.startsWith('{'))
    .join('/');

function unique(edges: Edge[]): Edge[] {
  return [...new Map(edges.map((edge) => [`${edge.from} ${edge.to} ${edge.kind}`, edge])).values()];
}
