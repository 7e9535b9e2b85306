#!/usr/bin/env node
// Measures the page as people feel it, on a stack that runs:
//
//   node tests/bench/dashboard/measure.js --port-base 8080 [--at http://127.0.0.1:8080] [--loads 9] [--writes 200]
//
// From the moment at which a write to Firestore is sent until the page has painted it, one write
// after the other. Of the overview loaded again by somebody who is signed in, and of the entrance
// in a new browser: when the largest part is painted, how far anything moves, and the JavaScript
// that comes. And from the press on "Sign in" until documents are shown.
//
// Node and Chromium read the same clock of the machine. A write counts as painted in the frame
// after the one in which the document changed: by then its pixels are out. What Firestore itself
// takes to answer the write is told beside it: on a busy machine that is most of it.
// Take a stack that was just started: on one that many browsers had listened to, the emulator needed
// up to a second for a write. For that the writes come first, too.

import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';

const { chromium } = createRequire(new URL('../../e2e/package.json', import.meta.url))('playwright-core');

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const { values: given } = parseArgs({
  options: { 'port-base': { type: 'string', default: '8080' }, at: { type: 'string' }, loads: { type: 'string', default: '9' }, writes: { type: 'string', default: '200' } },
});
const base = Number(given['port-base']);
const address = given.at ?? `http://127.0.0.1:${base}`;
const writes = Number(given.writes);
const loads = Number(given.loads);
/** Between two writes: longer than any takes, so that none waits for another. */
const PAUSE_MS = 150;
/** A write that is not shown by then will not be. */
const PATIENCE_MS = 5_000;

const incident = `http://127.0.0.1:${base + 1}/v1/projects/demo-mesh/databases/(default)/documents/incidents/bench`;
const OWNER = { authorization: 'Bearer owner', 'content-type': 'application/json' };
const clock = () => performance.timeOrigin + performance.now();
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

async function write(fields) {
  const mask = Object.keys(fields).map((name) => `updateMask.fieldPaths=${name}`).join('&');
  const answer = await fetch(`${incident}?${mask}`, { method: 'PATCH', headers: OWNER, body: JSON.stringify({ fields }) });
  if (!answer.ok) throw new Error(`cannot write: ${await answer.text()}`);
}

/** Watches from the first moment of a page on; it stays in the page when that is loaded again. */
function watch() {
  window.measured = { painted: 0, moved: 0 };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.measured.painted = entry.startTime;
  }).observe({ type: 'largest-contentful-paint', buffered: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.measured.moved += entry.value;
  }).observe({ type: 'layout-shift', buffered: true });
}

const loaded = (page) =>
  page.evaluate(() => ({
    ...window.measured,
    scripts: performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('.js')).reduce((sum, one) => sum + one.encodedBodySize, 0),
  }));

async function entrance(browser) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.addInitScript(watch);
  await page.goto(address);
  await page.getByLabel('E-mail').waitFor();
  await sleep(500);
  const found = await loaded(page);
  await context.close();
  return found;
}

async function signIn(browser) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript(watch);
  await page.goto(address);
  await page.getByLabel('E-mail').fill('oscar@meridian.example');
  await page.getByLabel('Password').fill('oscar-local');
  const pressed = clock();
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('link', { name: 'Bench', exact: false }).first().waitFor();
  return { page, took: clock() - pressed };
}

/** Tells when the page shows what is written, in the document and then painted. */
function follow(words) {
  const shows = () => document.querySelector('a[href="/incidents/bench"]')?.textContent === words;
  const now = () => performance.timeOrigin + performance.now();
  window.seen = new Promise((done) => {
    const observer = new MutationObserver(() => {
      if (!shows()) return;
      observer.disconnect();
      const changed = now();
      requestAnimationFrame(() => requestAnimationFrame(() => done({ changed, painted: now() })));
    });
    observer.observe(document.body, { subtree: true, childList: true, characterData: true });
  });
}

async function writeToPixel(page) {
  const found = { answered: [], changed: [], painted: [] };
  for (let index = 0; index < writes; index += 1) {
    const words = `Bench ${index}`;
    await page.evaluate(follow, words);
    const sent = clock();
    await write({ title: { stringValue: words } });
    found.answered.push(clock() - sent);
    const seen = await Promise.race([page.evaluate(() => window.seen).catch(() => undefined), sleep(PATIENCE_MS)]);
    if (!seen) throw new Error(`\`${words}\` was not shown within ${PATIENCE_MS} ms`);
    found.changed.push(seen.changed - sent);
    found.painted.push(seen.painted - sent);
    await sleep(PAUSE_MS);
  }
  return found;
}

const quantile = (all, share) => [...all].sort((one, other) => one - other)[Math.min(all.length - 1, Math.floor(all.length * share))];
const ms = (all, share = 0.5) => `${quantile(all, share).toFixed(0)} ms`;
const kb = (bytes) => `${(bytes / 1_000).toFixed(0)} kB`;

async function repeat(times, measure) {
  const all = [];
  for (let index = 0; index < times; index += 1) all.push(await measure());
  return all;
}

async function main() {
  const opened = { timestampValue: new Date().toISOString() };
  await write({
    title: { stringValue: 'Bench' }, detail: { stringValue: 'written by a measurement' }, state: { stringValue: 'acknowledged' },
    priority: { stringValue: 'p4' }, opened_at: opened, timeline: { arrayValue: {} }, escalations: { integerValue: '0' },
  });
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
  try {
    const { page } = await signIn(browser);
    const { answered, changed, painted } = await writeToPixel(page);
    console.log(`write to answer of the emulator, ${writes} times: p50 ${ms(answered)}, p95 ${ms(answered, 0.95)}`);
    console.log(`write to document: p50 ${ms(changed)}, p95 ${ms(changed, 0.95)}`);
    console.log(`write to pixel: p50 ${ms(painted)}, p95 ${ms(painted, 0.95)}, at most ${ms(painted, 1)}`);
    console.log(`of it after that answer: p50 ${ms(painted.map((all, index) => all - answered[index]))}`);

    const again = await repeat(loads, async () => {
      await page.reload();
      await page.getByRole('link', { name: 'Bench', exact: false }).first().waitFor();
      await sleep(1_000);
      return loaded(page);
    });
    console.log(`overview, loaded again: painted ${ms(again.map((one) => one.painted))}, moved ${Math.max(...again.map((one) => one.moved)).toFixed(3)}`);
    await page.context().close();

    const doors = await repeat(loads, () => entrance(browser));
    console.log(`entrance: painted ${ms(doors.map((one) => one.painted))}, moved ${Math.max(...doors.map((one) => one.moved)).toFixed(3)}, scripts ${kb(doors[0].scripts)}`);

    const signed = await repeat(loads, async () => {
      const { page, took } = await signIn(browser);
      await sleep(500);
      const { scripts } = await loaded(page);
      await page.context().close();
      return { took, scripts };
    });
    console.log(`sign-in to documents: ${ms(signed.map((one) => one.took))}, scripts in all ${kb(signed[0].scripts)}`);
  } finally {
    await browser.close();
    await fetch(incident, { method: 'DELETE', headers: OWNER });
  }
}

await main();
