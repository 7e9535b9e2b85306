import { resolve } from 'node:path';
import { ENTRANCE, FIRST_PAGE, FRAME, SIGNING_IN } from './first-load.ts';

/** What a bundler knows of a module. */
interface Graph {
  getModuleInfo(module: string): { importedIds: readonly string[] } | null;
}

const root = import.meta.dirname;
/** In the order in which they take what they want, with all that it imports. */
const CHUNKS = ['firebase', 'firestore', 'entrance', 'signing-in', 'frame'] as const;
type Chunk = (typeof CHUNKS)[number];

/** What is heavy stays apart: it comes beside the rest, when it is wanted, and changes less often. */
const APART: [RegExp, Chunk][] = [
  [/\/node_modules\/@firebase\/(firestore|webchannel-wrapper)\//, 'firestore'],
  [/\/node_modules\/(@firebase|idb)\//, 'firebase'],
];

/** Other libraries come with what alone wants them. Svelte is wanted by everything. */
const LIBRARY = /\/node_modules\/(?!svelte\/|esm-env\/|clsx\/)/;

/**
 * Names the chunk of a module that a first load needs, and leaves all others to the bundler. It would make a file of
 * each part that pages share: dozens of small ones, which pack badly and have to be asked for one by one.
 */
function chunkOf(module: string, graph: Graph): Chunk | undefined {
  const [, apart] = APART.find(([modules]) => modules.test(module)) ?? [];
  if (apart) return apart;
  if (LIBRARY.test(module)) return undefined;
  if (reached(ENTRANCE, graph).has(module)) return 'entrance';
  if (reached(SIGNING_IN, graph).has(module)) return 'signing-in';
  // Of the first page itself nothing: who goes to another one does without it.
  const own = FIRST_PAGE.some((file) => module.startsWith(resolve(root, file, '..')));
  return !own && reached([...FRAME, ...FIRST_PAGE], graph).has(module) ? 'frame' : undefined;
}

export const chunks = CHUNKS.map((chunk, index) => ({
  name: (module: string, graph: Graph): Chunk | null => (chunkOf(module, graph) === chunk ? chunk : null),
  priority: CHUNKS.length - index,
}));

/** The modules that some files lead to. */
function reached(files: readonly string[], graph: Graph): Set<string> {
  const found = new Set(files.map((file) => resolve(root, file)));
  // What is added while it is gone through is gone through as well.
  for (const module of found) for (const other of graph.getModuleInfo(module)?.importedIds ?? []) found.add(other);
  return found;
}
