import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Plugin } from 'vite';
import { ENTRANCE, FIRST_PAGE, FRAME, SIGNING_IN } from './first-load.ts';

/** How many bytes of scripts each may weigh, as brotli: people wait for them. */
const BUDGETS = [
  { of: 'the entrance', parts: ENTRANCE, most: 45_000 },
  { of: 'the first page, with the entrance', parts: [...ENTRANCE, ...SIGNING_IN, ...FRAME, ...FIRST_PAGE], most: 200_000 },
];

/** Tells what the scripts weigh that a load begins with, and refuses a build in which they weigh too much. */
export function budget(): Plugin {
  let [root, folder] = ['', ''];
  /** The scripts of each part: what begins it, and what that imports. */
  const needed = new Map<string, string[]>();
  return {
    name: 'mesh-budget',
    apply: 'build',
    configResolved(config) {
      root = config.root;
      folder = resolve(config.root, config.build.outDir);
    },
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
      const closure = (name: string): string[] => {
        const found = new Set([name]);
        // What is added while it is gone through is gone through as well.
        for (const one of found) for (const other of chunks.find(({ fileName }) => fileName === one)?.imports ?? []) found.add(other);
        return [...found];
      };
      for (const chunk of chunks) for (const module of chunk.moduleIds) needed.set(module, closure(chunk.fileName));
    },
    closeBundle: {
      order: 'post',
      sequential: true,
      async handler() {
        for (const { of, parts, most } of BUDGETS) {
          const files = new Set(parts.flatMap((part) => scriptsOf(needed, join(root, part))));
          const weights = await Promise.all([...files].map((file) => weigh(join(folder, file))));
          const sum = weights.reduce((all, one) => all + one, 0);
          const words = `the scripts of ${of} weigh ${kb(sum)} of ${kb(most)}, in ${files.size} files`;
          if (sum > most) throw new Error(words);
          this.info(words);
        }
      },
    },
  };
}

function scriptsOf(needed: ReadonlyMap<string, string[]>, part: string): string[] {
  const scripts = needed.get(part);
  if (!scripts) throw new Error(`cannot weigh \`${part}\`: no script has it`);
  return scripts;
}

/** What the server sends: the packed file, where there is one. */
const weigh = async (file: string): Promise<number> =>
  stat(`${file}.br`).then(
    ({ size }) => size,
    async () => (await readFile(file)).length,
  );

const kb = (bytes: number): string => `${(bytes / 1_000).toFixed(1)} kB`;
