#!/usr/bin/env node
// Measures whether the page holds more the more changes it was told of, on a stack that was just
// started and is thrown away after:
//
//   node tests/bench/dashboard/heap.js --port-base 8080 [--events 8000] [--per-second 400]
//
// What the page holds depends on how many changes came, not on when: they are written as fast as the
// emulator bears it, which has memory for some 10,000 records and what becomes of them. The heap is
// taken after a collection, once the list of changes is full and at each quarter from then on; a page
// that leaks holds more each time.

import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';

const { chromium } = createRequire(new URL('../../e2e/package.json', import.meta.url))('playwright-core');

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const { values: given } = parseArgs({
  options: { 'port-base': { type: 'string', default: '8080' }, events: { type: 'string', default: '8000' }, 'per-second': { type: 'string', default: '400' } },
});
const base = Number(given['port-base']);
const events = Number(given.events);
const documents = 'projects/demo-mesh/databases/(default)/documents';
const OWNER = { authorization: 'Bearer owner', 'content-type': 'application/json' };
/** Records in one commit. */
const BATCH = 100;
const PAUSE_MS = (BATCH / Number(given['per-second'])) * 1_000;
/** As many as the page lists: from then on each pushes another out. */
const LISTED = 1_000;
const QUARTERS = 4;
const PATIENCE_MS = 300_000;
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** An id as records have it: a UUID of version 7, which begins with the time. */
function recordId(millis) {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(millis, 0, 6);
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

async function write(from, count) {
  const now = Date.now();
  const writes = Array.from({ length: count }, (_, offset) => {
    const fields = {
      actor: { mapValue: { fields: { kind: { stringValue: 'service' }, account: { stringValue: 'bench@demo-mesh.iam.gserviceaccount.com' } } } },
      action: { stringValue: 'service.measured' },
      target: { stringValue: `services/bench-${from + offset}` },
      after: { stringValue: randomBytes(32).toString('hex') },
      reason: { stringValue: `change ${from + offset} of the bench` },
      time: { timestampValue: new Date(now).toISOString() },
      correlation: { stringValue: recordId(now) },
    };
    return { update: { name: `${documents}/journal/${recordId(now)}`, fields } };
  });
  const answer = await fetch(`http://127.0.0.1:${base + 1}/v1/${documents}:commit`, { method: 'POST', headers: OWNER, body: JSON.stringify({ writes }) });
  if (!answer.ok) throw new Error(`Firestore answers ${answer.status}: ${await answer.text()}`);
}

/** Writes up to a number, and waits until the page shows the last one. */
async function tell(page, from, until) {
  for (let at = from; at < until; at += BATCH) {
    const began = Date.now();
    await write(at, Math.min(BATCH, until - at));
    await sleep(Math.max(0, PAUSE_MS - (Date.now() - began)));
  }
  // Those of one moment have no order among each other: one that comes after them is the newest.
  await sleep(1_000);
  await write(until, 1);
  await page.getByText(`services/bench-${until}`, { exact: true }).first().waitFor({ timeout: PATIENCE_MS });
}

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
try {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  await page.goto(`http://127.0.0.1:${base}/events`);
  await page.getByLabel('E-mail').fill('audrey@meridian.example');
  await page.getByLabel('Password').fill('audrey-local');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByText('Live', { exact: true }).first().waitFor();

  const inspector = await page.context().newCDPSession(page);
  await inspector.send('HeapProfiler.enable');
  let first;
  const take = async (told) => {
    await inspector.send('HeapProfiler.collectGarbage');
    const { usedSize } = await inspector.send('Runtime.getHeapUsage');
    first ??= usedSize;
    console.log(`after ${told.toLocaleString('en')} changes: heap ${(usedSize / 1e6).toFixed(2)} MB, ${(usedSize / first).toFixed(3)} of the first`);
  };

  let told = 0;
  const quarters = Array.from({ length: QUARTERS }, (_, at) => Math.round(((at + 1) * events) / QUARTERS));
  for (const mark of [LISTED, ...quarters.filter((mark) => mark > LISTED)]) {
    await tell(page, told, mark);
    told = mark + 1;
    await take(mark);
  }
} finally {
  await browser.close();
}
