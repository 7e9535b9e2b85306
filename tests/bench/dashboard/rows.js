#!/usr/bin/env node
// Measures a table of 9,500 findings, as many as one query brings, as people feel it, on a stack
// that was just started and is thrown away after:
//
//   node tests/bench/dashboard/rows.js --port-base 8080 [--rows 9500] [--seconds 10]
//
// Findings are copied from one that the audit opened. The wheel is turned through all of them, down
// and up again, and the time between two frames is taken; then each column is sorted, from the press
// until the rows in their new order are painted. A frame longer than 50 ms is one that people see.

import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';

const { chromium } = createRequire(new URL('../../e2e/package.json', import.meta.url))('playwright-core');

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const { values: given } = parseArgs({
  options: { 'port-base': { type: 'string', default: '8080' }, rows: { type: 'string', default: '9500' }, seconds: { type: 'string', default: '10' } },
});
const base = Number(given['port-base']);
const rows = Number(given.rows);
const address = `http://127.0.0.1:${base}`;
const documents = 'projects/demo-mesh/databases/(default)/documents';
const OWNER = { authorization: 'Bearer owner', 'content-type': 'application/json' };
/** What one commit of Firestore may write. */
const BATCH = 500;
/** The time that one turn of the wheel is apart from the next, and how far it goes in pixels. */
const TURN_MS = 16;
const SEEN_MS = 50;
const SEVERITIES = ['critical', 'high', 'medium', 'low'];
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

async function firestore(path, body) {
  const answer = await fetch(`http://127.0.0.1:${base + 1}/v1/${documents}${path}`, {
    ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
    headers: OWNER,
  });
  if (!answer.ok) throw new Error(`Firestore answers ${answer.status}: ${await answer.text()}`);
  return answer.json();
}

/** Copies one finding until there are as many as are wanted. */
async function fill() {
  const { documents: [pattern] = [] } = await firestore('/findings?pageSize=1');
  if (!pattern) throw new Error('there is no finding to copy; wait for the first audit of the stack');
  for (let from = 0; from < rows; from += BATCH) {
    const writes = Array.from({ length: Math.min(BATCH, rows - from) }, (_, offset) => {
      const index = from + offset;
      const fields = {
        ...pattern.fields,
        title: { stringValue: `Row ${(index * 7919) % rows} of a table` },
        severity: { stringValue: SEVERITIES[index % SEVERITIES.length] },
        // Resolved ones are nobody's work: no function does anything about them.
        state: { stringValue: 'resolved' },
      };
      return { update: { name: `${documents}/findings/bench-${String(index).padStart(5, '0')}`, fields } };
    });
    await firestore(':commit', { writes });
  }
}

/** In the page: takes the time between frames until told to stop. */
function follow() {
  const frames = [];
  let before = performance.now();
  let going = true;
  const frame = (now) => {
    frames.push(now - before);
    before = now;
    if (going) requestAnimationFrame(frame);
  };
  requestAnimationFrame((now) => {
    before = now;
    requestAnimationFrame(frame);
  });
  window.framesSoFar = () => {
    going = false;
    return frames;
  };
}

async function scrolled(page) {
  const table = page.locator('table').first();
  const { x, y, width, height } = await table.boundingBox();
  await page.mouse.move(x + width / 2, y + Math.min(height / 2, 300));
  const total = await table.evaluate((one) => {
    for (let at = one; at; at = at.parentElement) if (at.scrollHeight > at.clientHeight + 100) return at.scrollHeight;
    return 0;
  });
  const turns = (Number(given.seconds) * 1_000) / TURN_MS / 2;
  await page.evaluate(follow);
  for (const way of [1, -1]) {
    for (let turn = 0; turn < turns; turn += 1) {
      await page.mouse.wheel(0, (way * total) / turns);
      await sleep(TURN_MS / 2);
    }
  }
  return { frames: await page.evaluate(() => window.framesSoFar()), total };
}

/** From the press on a column's title until the frame after the rows were put in order. */
const sorted = (page, title) =>
  page.getByRole('columnheader', { name: title }).getByRole('button').first().evaluate(
    (button) =>
      new Promise((done) => {
        const pressed = performance.now();
        button.click();
        requestAnimationFrame(() => {
          const channel = new MessageChannel();
          channel.port1.onmessage = () => done(performance.now() - pressed);
          channel.port2.postMessage(undefined);
        });
      }),
  );

const quantile = (all, share) => [...all].sort((one, other) => one - other)[Math.min(all.length - 1, Math.floor(all.length * share))];

await fill();
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
try {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  await page.goto(`${address}/audits/findings?state=resolved`);
  await page.getByLabel('E-mail').fill('oscar@meridian.example');
  await page.getByLabel('Password').fill('oscar-local');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByText(rows.toLocaleString('en')).first().waitFor({ timeout: 120_000 });
  // What the functions do about so many writes is over by then.
  await sleep(30_000);

  const { frames, total } = await scrolled(page);
  const long = frames.filter((frame) => frame > SEEN_MS).length;
  console.log(`${rows} rows, ${Math.round(total)} px scrolled down and up: ${frames.length} frames, p50 ${quantile(frames, 0.5).toFixed(1)}, p99 ${quantile(frames, 0.99).toFixed(1)}, at most ${quantile(frames, 1).toFixed(1)} ms; ${long} over ${SEEN_MS} ms`);
  for (const title of ['What does not hold', 'Severity', 'Open since']) {
    const took = [];
    for (let time = 0; time < 9; time += 1) {
      took.push(await sorted(page, title));
      await sleep(200);
    }
    console.log(`sorted by ${title}: p50 ${quantile(took, 0.5).toFixed(1)}, at most ${quantile(took, 1).toFixed(1)} ms`);
  }
} finally {
  await browser.close();
}
