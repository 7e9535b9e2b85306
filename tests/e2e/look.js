// What people see: compared with a picture, and asked of axe.

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';

const SCREENS = new URL('./screens/', import.meta.url);
/** How much of a picture may differ: numbers that count on and rows that move do, an arrangement that broke differs more. */
const SHARE_MAX = 0.03;
/** How far apart two colours of a point may be: smoothing of text differs between machines. */
const THRESHOLD = 0.2;

/** Compares what is seen with the picture of that name; times and ids are covered. */
export async function looksLike(page, name, { share = SHARE_MAX } = {}) {
  await settle(page);
  const mask = [page.locator('time'), page.locator('[data-changing]')];
  const taken = await page.screenshot({ mask, maskColor: '#808080', animations: 'disabled', caret: 'hide' });
  const file = new URL(`${name}.png`, SCREENS);
  if (process.env.MESH_WRITE) return writeFile(file, taken);
  const [known, seen] = [PNG.sync.read(await readFile(file)), PNG.sync.read(taken)];
  assert.deepEqual([seen.width, seen.height], [known.width, known.height], `${name} has another size`);
  const differing = pixelmatch(known.data, seen.data, undefined, seen.width, seen.height, { threshold: THRESHOLD });
  const differs = differing / (seen.width * seen.height);
  if (differs > share) await writeFile(new URL(`${name}.seen.png`, SCREENS), taken);
  assert.ok(differs <= share, `${name} differs in ${(differs * 100).toFixed(1)} % of its points: see screens/${name}.seen.png`);
}

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Asks axe of the page as it stands. */
export async function isAccessible(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run({ resultTypes: ['violations'] }));
  const said = violations.map((one) => `${one.id}: ${one.help}: ${one.nodes.map((node) => node.target.join(' ')).join(', ')}`);
  assert.deepEqual(said, []);
}

/** Waits for fonts, and until nothing on the page is still loading. */
async function settle(page) {
  await page.evaluate(() => document.fonts.ready);
  await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]'));
}
