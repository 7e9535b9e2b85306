import type { Plugin } from 'vite';

/** The file in which Firestore's client holds what its parts share. */
const CLIENT = /@firebase\/firestore\/dist\/common-[^/]+\.esm\.js$/;

/** What tells a pipeline from a query: no, wherever it is asked. */
const ASKS = ['__PRIVATE_isPipeline', '__PRIVATE_targetIsPipelineTarget', '__PRIVATE_isPipelineQueryTarget'];
const KINDS = ['CorePipeline', '__PRIVATE_RealtimePipeline'];

/** What is reached with a pipeline alone, and leads to all the rest. */
const ANSWERS = [
  '__PRIVATE_canonifyPipeline',
  '__PRIVATE_fromPipelineResponse',
  '__PRIVATE_fromPipelineTarget',
  '__PRIVATE_getLastEffectiveLimit',
  '__PRIVATE_newPipelineComparator',
  '__PRIVATE_pipelineEq',
  '__PRIVATE_pipelineHasRanges',
  '__PRIVATE_pipelineMatches',
  '__PRIVATE_pipelineMatchesAllDocuments',
  '__PRIVATE_runPipeline',
  '__PRIVATE_toCorePipeline',
  '__PRIVATE_toPipelineTarget',
  'getDocumentsMatchingPipeline',
  'getOverlaysForPipeline',
  'getPipelineCollection',
  'getPipelineCollectionGroup',
  'getPipelineDocuments',
  'getPipelineSourceType',
];

interface Node {
  type: string;
  start: number;
  end: number;
  [part: string]: unknown;
}

/**
 * Leaves pipelines out of Firestore's client: a second language of queries, which the page does not speak. The client
 * brings an evaluator of it and a whole engine of regular expressions with the tables of Unicode, half of its weight,
 * and no bundler can tell that they are never reached. What is left behind in their place fails loudly; a client in
 * which one of the names is not found, such as a newer one, is refused when the page is built.
 */
export function withoutPipelines(): Plugin {
  return {
    name: 'mesh-without-pipelines',
    apply: 'build',
    transform: {
      filter: { id: CLIENT },
      handler(code) {
        return { code: cut(code, this.parse(code) as unknown as Node), map: null };
      },
    },
  };
}

function cut(code: string, program: Node): string {
  const missed = new Set([...ASKS, ...KINDS, ...ANSWERS]);
  const changes: { start: number; end: number; by: string }[] = [];
  const change = (name: string, { start, end }: Node, by: string): void => {
    missed.delete(name);
    changes.push({ start, end, by });
  };

  const visit = (node: Node): void => {
    const [called, asked, named] = [asks(node), isOf(node), answers(node)];
    if (called) return change(called, node, 'false');
    if (asked) return change(asked, node, 'false');
    if (named) return change(named.name, named.body, "{ throw Error('pipelines are left out'); }");
    for (const part of parts(node)) visit(part);
  };
  visit(program);

  if (missed.size > 0) throw new Error(`cannot leave pipelines out of Firestore's client: it has no \`${[...missed].join('`, `')}\``);
  // From the end, so that the places before stay where they are.
  const ordered = changes.sort((one, other) => one.start - other.start);
  return ordered.reduceRight((text, { start, end, by }) => text.slice(0, start) + by + text.slice(end), code);
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value;
const parts = (node: Node): Node[] => Object.values(node).flat().filter(isNode);
const nameOf = (node: unknown): string => (isNode(node) && node.type === 'Identifier' ? String(node['name']) : '');

/** The name of the question, if that is what a node asks. */
function asks(node: Node): string | undefined {
  // The question may be written where it is asked: a function with a name, called at once.
  const callee = node['callee'];
  const name = nameOf(callee) || nameOf(isNode(callee) ? callee['id'] : undefined);
  return node.type === 'CallExpression' && ASKS.includes(name) ? name : undefined;
}

function isOf(node: Node): string | undefined {
  const kind = nameOf(node['right']);
  return node.type === 'BinaryExpression' && node['operator'] === 'instanceof' && KINDS.includes(kind) ? kind : undefined;
}

function answers(node: Node): { name: string; body: Node } | undefined {
  const method = node.type === 'MethodDefinition';
  const name = nameOf(node[method ? 'key' : 'id']);
  const made = method ? node['value'] : node;
  const body = isNode(made) ? made['body'] : undefined;
  return ANSWERS.includes(name) && isNode(body) && body.type === 'BlockStatement' ? { name, body } : undefined;
}
