import { functionNode, type Edge } from './graph';
import type { MeshFunction } from './topology';

/** Topics or collections that connect the same functions: they are drawn as one, by all their names. */
export interface Meeting {
  id: string;
  kind: 'topic' | 'document';
  names: string[];
  /** Functions that publish. Who writes documents, the manifests do not say. */
  from: string[];
  /** Functions that are called, and by which of their triggers. */
  to: Map<string, string[]>;
}

/** Finds where functions meet without calling each other. The order is that of names. */
export function meetings(functions: readonly MeshFunction[]): Meeting[] {
  const single = new Map<string, Meeting>();
  const at = (kind: Meeting['kind'], name: string): Meeting => {
    const id = `${kind}:${name}`;
    const found = single.get(id) ?? { id, kind, names: [name], from: [], to: new Map<string, string[]>() };
    single.set(id, found);
    return found;
  };
  for (const one of functions) {
    for (const topic of one.publishes) at('topic', topic).from.push(one.name);
    for (const trigger of one.triggers) {
      const meeting =
        trigger.kind === 'pubsub' ? at('topic', trigger.topic)
        : trigger.kind === 'firestore' ? at('document', collectionOf(trigger.document))
        : undefined;
      meeting?.to.set(one.name, [...(meeting.to.get(one.name) ?? []), trigger.id]);
    }
  }
  const groups = new Map<string, Meeting>();
  for (const one of [...single.values()].sort((left, right) => (left.id < right.id ? -1 : 1))) {
    const alike = JSON.stringify([one.kind, one.from, [...one.to.keys()]]);
    const group = groups.get(alike);
    if (!group) groups.set(alike, one);
    else {
      group.names.push(...one.names);
      for (const [name, triggers] of one.to) group.to.set(name, [...(group.to.get(name) ?? []), ...triggers]);
    }
  }
  return [...groups.values()];
}

/** The edges to and from a meeting. */
export function edgesOf({ id, kind, from, to }: Meeting): Edge[] {
  return [
    ...from.map((name): Edge => ({ from: functionNode(name), to: id, kind, triggers: [] })),
    ...[...to].map(([name, triggers]): Edge => ({ from: id, to: functionNode(name), kind, triggers })),
  ];
}

/** `checks/{check}/results/{result}` is about `checks/results`. */
const collectionOf = (pattern: string): string =>
  pattern
    .split('/')
    .filter((part) => !part.startsWith('{'))
    .join('/');
