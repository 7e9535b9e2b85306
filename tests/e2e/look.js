// What people see: compared with a picture, and asked of axe.

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import pixelmatch from 'pixelmatch';
import UPNG from 'upng-js';

const SCREENS = new URL('./screens/', import.meta.url);
/** Where the dashboard's README has its pictures. */
const SHOWN = new URL('../../functions/dashboard/screens/', import.meta.url);
/** How much of a picture may differ: numbers that count on and rows that move do, an arrangement that broke differs more. */
const SHARE_MAX = 0.01;
/** A page that moves on by itself is never still; then the last picture is compared. */
const TRIES_MAX = 10;
/** How far apart two colours of a point may be: smoothing of text differs between machines. */
const THRESHOLD = 0.2;
/** How many colours a picture is kept with: it takes a third of the bytes, and the rest are shades at the edges of letters. */
const COLOURS = 128;

/** Compares what is seen with the picture of that name; times and ids are covered. */
export async function looksLike(page, name, { share = SHARE_MAX } = {}) {
  const taken = await still(page);
  const file = new URL(`${name}.png`, SCREENS);
  if (process.env.MESH_WRITE) return writeFile(file, packed(taken));
  const [known, seen] = [UPNG.decode(await readFile(file)), UPNG.decode(taken)];
  assert.deepEqual([seen.width, seen.height], [known.width, known.height], `${name} has another size`);
  const differing = pixelmatch(points(known), points(seen), undefined, seen.width, seen.height, { threshold: THRESHOLD });
  const differs = differing / (seen.width * seen.height);
  if (differs > share) await writeFile(new URL(`${name}.seen.png`, SCREENS), taken);
  assert.ok(differs <= share, `${name} differs in ${(differs * 100).toFixed(1)} % of its points: see screens/${name}.seen.png`);
}

const points = (picture) => new Uint8Array(UPNG.toRGBA8(picture)[0]);

function packed(taken) {
  const picture = UPNG.decode(taken);
  return Buffer.from(UPNG.encode(UPNG.toRGBA8(picture), picture.width, picture.height, COLOURS));
}

/**
 * What covers times and ids: a style, so that it lies where they do, beneath dialogs and bars. It is as large whatever
 * they say: a Sunday is wider than a Saturday, and a mean of hours may take a line more than one of minutes.
 */
const COVER = `
  time, [data-changing] { color: transparent !important; background: #808080 !important; text-decoration-color: transparent !important }
  time { display: inline-block !important; inline-size: 6em !important; overflow: hidden !important; white-space: nowrap !important; vertical-align: bottom !important }
  [data-changing] { overflow: hidden !important; white-space: nowrap !important }
  [data-changing] * { visibility: hidden !important }
`;

/** Takes pictures until two in a row are the same: what comes last has come by then. */
async function still(page) {
  await settle(page);
  const cover = await page.evaluateHandle((style) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    document.adoptedStyleSheets.push(sheet);
    return sheet;
  }, COVER);
  let [before, taken] = [undefined, undefined];
  for (let tries = 0; tries < TRIES_MAX && !(before && taken.equals(before)); tries += 1) {
    before = taken;
    taken = await page.screenshot({ animations: 'disabled', caret: 'hide' });
  }
  await cover.evaluate((sheet) => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet);
  });
  return taken;
}

/** Takes a picture as people see it, with times and ids, for who reads of the dashboard. */
export async function show(page, name) {
  const taken = await page.screenshot({ animations: 'disabled', caret: 'hide' });
  await writeFile(new URL(`${name}.png`, SHOWN), packed(taken));
}

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Asks axe of the page as it stands; `look` is told with what it finds. */
export async function isAccessible(page, look = '') {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe);
  // A tooltip stands where it is for whoever points there, beside the page's own parts.
  const asked = { exclude: ['#tooltip'] };
  const { violations } = await page.evaluate((it) => globalThis.axe.run(it, { resultTypes: ['violations'] }), asked);
  const said = violations.map((one) => `${one.id}: ${one.help}: ${one.nodes.map((node) => node.target.join(' ')).join(', ')}`);
  assert.deepEqual(said, [], look);
}

/** Nothing is wider than the window: nobody has to scroll sideways. */
export async function fits(page, look = '') {
  const wider = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const out = [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > clientWidth + 0.5);
    return [`${scrollWidth} > ${clientWidth}`, ...out.slice(0, 5).map((one) => `${one.tagName.toLowerCase()}.${one.className}`)];
  });
  assert.deepEqual(wider, [], look);
}

/**
 * Waits for fonts, and until nothing on the page is still loading or takes on another colour. A button that is busy
 * may wait for the person: for what a dialog above it asks.
 */
export async function settle(page) {
  await page.evaluate(() => document.fonts.ready);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await page.waitForFunction(() =>
    document.getAnimations().every(({ playState, effect }) => playState !== 'running' || effect.getTiming().iterations === Infinity),
  );
  await page.waitForFunction(() => !document.querySelector('[aria-busy="true"]:not(button), .skeleton'));
}
