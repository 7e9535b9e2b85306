#!/usr/bin/env node
// Asks Lighthouse of the entrance and of the overview, on a stack that runs:
//
//   (cd tests/bench/dashboard/lighthouse && npm ci)
//   node tests/bench/dashboard/lighthouse.js --port-base 8080 [--runs 3] [--said]
//
// The overview is that of somebody who is signed in, in the same browser. Both are asked as on a
// desk and as on a slow telephone: the network and the processor are slowed down in a model of
// Lighthouse's, so that a busy machine counts as well. Medians are shown; `--said` tells what was
// found wanting.

import { createServer } from 'node:net';
import { createRequire } from 'node:module';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const { chromium } = createRequire(new URL('../../e2e/package.json', import.meta.url))('playwright-core');
const own = createRequire(new URL('./lighthouse/package.json', import.meta.url));
const { default: lighthouse, desktopConfig } = await import(pathToFileURL(own.resolve('lighthouse')));

const { values: given } = parseArgs({
  options: { 'port-base': { type: 'string', default: '8080' }, runs: { type: 'string', default: '3' }, said: { type: 'boolean', default: false } },
});
const address = `http://127.0.0.1:${given['port-base']}`;
const CATEGORIES = ['performance', 'accessibility', 'best-practices'];
/** The least that each has to reach on a desk. */
const TARGETS = [98, 100, 100];
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

const median = (values) => values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)];

/** A port that nobody listens at. */
const freePort = () =>
  new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });

async function signIn(context) {
  const page = await context.newPage();
  await page.goto(address);
  await page.getByLabel('E-mail').fill('oscar@meridian.example');
  await page.getByLabel('Password').fill('oscar-local');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('navigation').first().waitFor();
  await page.close();
}

/** What was found wanting, by the audits that count and are not full. */
function wanting(report) {
  return CATEGORIES.flatMap((category) =>
    report.categories[category].auditRefs
      .filter(({ id, weight }) => weight > 0 && (report.audits[id].score ?? 1) < 1)
      .map(({ id }) => `${id} ${report.audits[id].displayValue ?? ''}`.trim()),
  );
}

async function ask(name, port, config) {
  const scores = CATEGORIES.map(() => []);
  let said = [];
  for (let run = 0; run < Number(given.runs); run += 1) {
    const { lhr } = await lighthouse(address, { port, logLevel: 'error', onlyCategories: CATEGORIES, disableStorageReset: true }, config);
    if (lhr.runtimeError) throw new Error(`cannot ask of ${name}: ${lhr.runtimeError.message}`);
    CATEGORIES.forEach((category, at) => scores[at].push(Math.round(lhr.categories[category].score * 100)));
    said = wanting(lhr);
  }
  const medians = scores.map(median);
  console.log(`${name}: ${CATEGORIES.map((category, at) => `${category} ${medians[at]}`).join(', ')}`);
  if (given.said) for (const one of said) console.log(`  ${one}`);
  return medians;
}

const profile = await mkdtemp(join(tmpdir(), 'mesh-lighthouse-'));
const port = await freePort();
const context = await chromium.launchPersistentContext(profile, { executablePath: '/usr/bin/chromium', args: [...FLAGS, `--remote-debugging-port=${port}`] });
let reached = true;
try {
  for (const page of ['entrance', 'overview']) {
    if (page === 'overview') await signIn(context);
    const scores = await ask(`${page}, desk`, port, desktopConfig);
    reached &&= scores.every((score, at) => score >= TARGETS[at]);
    await ask(`${page}, slow telephone`, port);
  }
} finally {
  await context.close();
  await rm(profile, { recursive: true, force: true });
}
process.exitCode = reached ? 0 : 1;
