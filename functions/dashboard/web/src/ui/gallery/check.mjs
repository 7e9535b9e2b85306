/* Looks at every component in a real browser: axe-core, the keyboard, the speed of the table, and a picture of each
   part in light, dark, rail and phone width.

     vite --host 127.0.0.1 --port 5199 &
     node src/ui/gallery/check.mjs http://127.0.0.1:5199/src/ui/gallery/gallery.html target/gallery            */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const [address, folder = 'gallery-pictures'] = process.argv.slice(2);
assert(address, 'give the address of gallery.html');
mkdirSync(folder, { recursive: true });

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const modes = {
  light: { width: 1360, height: 900, colorScheme: 'light' },
  dark: { width: 1360, height: 900, colorScheme: 'dark' },
  rail: { width: 820, height: 900, colorScheme: 'light' },
  phone: { width: 390, height: 844, colorScheme: 'light', touch: true },
  'phone-dark': { width: 390, height: 844, colorScheme: 'dark', touch: true },
};
const problems = [];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

async function open(page, part) {
  await page.goto(`${address}#${part}`);
  await page.reload();
  await page.waitForSelector('h1');
  await page.evaluate(() => document.fonts.ready);
}

/** Through the debugger, because the page's own policy rightly refuses foreign scripts. */
async function examine(page, name) {
  await page.waitForTimeout(300);
  await page.screenshot({ path: `${folder}/${name}.png` });
  const debug = await page.context().newCDPSession(page);
  await debug.send('Runtime.evaluate', { expression: axe });
  const { result } = await debug.send('Runtime.evaluate', {
    expression: `axe.run(document, { resultTypes: ['violations'] }).then((found) => JSON.stringify(found.violations.map(
      (violation) => violation.id + ': ' + violation.nodes.slice(0, 3).map((node) => node.html.slice(0, 140)).join(' | '))))`,
    awaitPromise: true,
    returnByValue: true,
  });
  for (const violation of JSON.parse(result.value)) problems.push(`${name}: ${violation}`);
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wider > 0) problems.push(`${name}: ${wider} px wider than the screen`);
}

const button = (page, name) => page.getByRole('button', { name, exact: true });
const focused = (page) => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '');

for (const [mode, { width, height, colorScheme, touch = false }] of Object.entries(modes)) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    hasTouch: touch,
    isMobile: touch,
    deviceScaleFactor: touch ? 2 : 1,
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.on('pageerror', (error) => problems.push(`${mode}: ${error.message}`));
  page.on('console', (line) => line.type() === 'error' && problems.push(`${mode}: ${line.text()}`));

  for (const part of ['controls', 'overlays', 'tables', 'records', 'charts']) {
    await open(page, part);
    await examine(page, `${mode}-${part}`);
  }

  await open(page, 'overlays');
  for (const name of ['Dialog', 'Drawer', 'Break glass', 'Popover', 'Menu']) {
    await button(page, name).click();
    await examine(page, `${mode}-${name.toLowerCase().replace(' ', '-')}`);
    await page.keyboard.press('Escape');
    assert.equal(await focused(page), name, `${mode}: the focus comes back to ${name}`);
  }
  await button(page, 'Failure').click();
  await button(page, 'Toast').click();
  await examine(page, `${mode}-toast`);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('au');
  await examine(page, `${mode}-palette`);
  await page.keyboard.press('Escape');
  await page.locator('h1').focus();
  await page.keyboard.press('?');
  await examine(page, `${mode}-help`);
  await page.keyboard.press('Escape');
  if (touch) {
    await button(page, 'More').click();
    await examine(page, `${mode}-more`);
  }
  await context.close();
}

/* The keyboard. */
const context = await browser.newContext({ viewport: { width: 1360, height: 900 } });
const page = await context.newPage();
await open(page, 'overlays');

await page.keyboard.press('Tab');
assert.equal(await focused(page), 'Skip to the content');
await page.keyboard.press('Enter');
assert.equal(await page.evaluate(() => document.activeElement?.id), 'content');

await button(page, 'Menu').focus();
await page.keyboard.press('ArrowDown');
assert.match(await focused(page), /Assign to me/);
await page.keyboard.press('End');
assert.match(await focused(page), /Revoke/);
await page.keyboard.type('as');
assert.match(await focused(page), /Assign/);
await page.keyboard.press('Escape');
assert.equal(await focused(page), 'Menu');

await page.getByRole('tab', { name: 'Timeline' }).focus();
await page.keyboard.press('ArrowRight');
assert.equal(await page.getByRole('tabpanel').textContent(), 'The content of findings.');

await button(page, 'Break glass').click();
const hold = page.getByRole('button', { name: /Hold to/ });
assert.equal(await hold.getAttribute('aria-disabled'), 'true');
await page.getByLabel('Type halt trading to confirm').fill('halt trading');
await hold.hover();
await page.mouse.down();
await page.waitForTimeout(1000);
await page.mouse.up();
await page.waitForTimeout(2500);
assert(await hold.isVisible(), 'letting go early confirms nothing');
await hold.focus();
await page.keyboard.press('Enter');
await page.waitForTimeout(500);
await page.keyboard.press('Escape');
await page.waitForTimeout(3000);
assert(await hold.isVisible(), 'Escape stops the time and leaves the dialog open');
await hold.hover();
await page.mouse.down();
await page.waitForTimeout(3300);
await page.mouse.up();
await page.getByText('Trading is halted').waitFor();
assert(!(await hold.isVisible()), 'holding long enough confirms');

await page.keyboard.press('Control+k');
await page.keyboard.type('audits');
await page.keyboard.press('Enter');
await page.waitForURL(/#charts$/);
await page.locator('h1').focus();
await page.keyboard.press('g');
await page.keyboard.press('i');
await page.waitForURL(/#tables$/);

/* The table. */
const rows = page.locator('tr[data-index]');
await rows.first().focus();
await page.keyboard.press('End');
await page.waitForTimeout(100);
assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('data-index')), '9999');
await page.keyboard.press('k');
await page.keyboard.press(' ');
assert.equal(await page.locator('tr[aria-selected="true"]').count(), 1);
await page.screenshot({ path: `${folder}/table-focus.png` });
await page.evaluate(() => document.querySelector('.scroller').scrollTo(0, 0));
await page.waitForTimeout(100);
await page.keyboard.press('j');
await page.waitForTimeout(100);
assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('data-index')), '9999');
await page.keyboard.press('Home');
await page.waitForTimeout(100);

const sorts = [];
for (const column of ['Control', 'Asset', 'Exposure', 'Since', 'Severity', 'Owner']) {
  for (let press = 0; press < 2; press += 1) {
    sorts.push(
      await page.evaluate(async (name) => {
        const head = [...document.querySelectorAll('th button')].find((one) => one.textContent?.trim() === name);
        const from = performance.now();
        head.click();
        await Promise.resolve();
        document.body.getBoundingClientRect();
        return Math.round((performance.now() - from) * 10) / 10;
      }, column),
    );
  }
}

const frames = await page.evaluate(async () => {
  const scroller = document.querySelector('.scroller');
  scroller.scrollTop = 0;
  const lengths = [];
  let last = performance.now();
  for (let frame = 0; frame < 240; frame += 1) {
    // Fast enough that every frame draws a wholly new set of rows.
    scroller.scrollTop += frame < 200 ? 700 : 40;
    await new Promise((next) => requestAnimationFrame(next));
    const now = performance.now();
    lengths.push(now - last);
    last = now;
  }
  return lengths.sort((left, right) => left - right);
});
const at = (share) => Math.round(frames[Math.floor((frames.length - 1) * share)] * 10) / 10;
console.log(`sort of 10,000 rows, ms: ${sorts.join(' ')}; worst ${Math.max(...sorts)}`);
console.log(`frames while scrolling, ms: median ${at(0.5)}, p95 ${at(0.95)}, worst ${at(1)}`);
if (Math.max(...sorts) > 50) problems.push('a sort took more than 50 ms');
if (at(1) > 50) problems.push('a frame took more than 50 ms');

await browser.close();
console.log(problems.length === 0 ? 'no problem found' : problems.join('\n'));
process.exitCode = problems.length === 0 ? 0 : 1;
