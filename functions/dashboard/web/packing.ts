import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { Plugin } from 'vite';

/** Smaller files gain nothing: the headers weigh more. */
const BYTES_MIN = 512;
/** What is packed already would only grow. */
const PACKED = /\.(woff2|png|br|gz)$/;

/** Writes each file of the page also as brotli and gzip, once, as small as they get; the server holds all three. */
export function packing(): Plugin {
  let folder = 'dist';
  return {
    name: 'mesh-packing',
    apply: 'build',
    configResolved: (config) => void (folder = resolve(config.root, config.build.outDir)),
    async closeBundle() {
      const files = await readdir(folder, { recursive: true, withFileTypes: true });
      const wanted = files.filter((file) => file.isFile() && !PACKED.test(file.name));
      await Promise.all(wanted.map((file) => pack(join(file.parentPath, file.name))));
    },
  };
}

async function pack(file: string): Promise<void> {
  const plain = await readFile(file);
  if (plain.length < BYTES_MIN) return;
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: plain.length };
  const [br, gz] = await Promise.all([promisify(brotliCompress)(plain, { params }), promisify(gzip)(plain, { level: 9 })]);
  await Promise.all([writeFile(`${file}.br`, br), writeFile(`${file}.gz`, gz)]);
}
