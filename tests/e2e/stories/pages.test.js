import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { as, complaints, DESK, inChromium, leave, PHONE } from '../browser.js';
import { dialogsOf, pagesOf } from '../every-page.js';
import { happen, undo } from '../happened.js';
import { fits, isAccessible, settle } from '../look.js';

inChromium();

const NAMES = Object.keys(pagesOf({}));
const DIALOGS = Object.keys(dialogsOf({}));

let it;
let page;
before(async () => {
  it = await happen();
  page = await as('olivia');
});
after(async () => {
  await leave(page);
  await undo(it);
});

/** Rows that are out of sight keep the colours of the theme that they were drawn in: a phone's cards are drawn in one. */
const LOOKS = [[DESK, 'light'], [DESK, 'dark'], [PHONE, 'dark']];

/** Looks at what is open in light and dark, on a desk and on a phone. */
async function inEveryLook(page, check) {
  for (const [viewport, colorScheme] of LOOKS) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(viewport);
    await settle(page);
    await check(`${colorScheme}, ${viewport.width} px`);
  }
}

async function at(page, address) {
  await page.setViewportSize(DESK);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto(address);
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  await settle(page);
}

for (const name of NAMES) {
  test(`the page \`${name}\` is accessible and fits, in every look`, async () => {
    await at(page, pagesOf(it)[name]);
    await inEveryLook(page, async (look) => {
      await isAccessible(page, look);
      await fits(page, look);
    });
  });
}

for (const name of DIALOGS) {
  test(`the dialog \`${name}\` is accessible, in every look`, async () => {
    const [address, open, who] = dialogsOf(it)[name];
    const seen = who ? await as(who) : page;
    await at(seen, address);
    await open(seen);
    await seen.locator('dialog[open], [popover]:popover-open, [role="alert"]').first().waitFor();
    await inEveryLook(seen, async (look) => {
      await isAccessible(seen, look);
      await fits(seen, look);
    });
    if (who) await leave(seen);
  });
}

test('the drawer of a phone is accessible', async () => {
  await at(page, '/settings');
  await page.setViewportSize(PHONE);
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('dialog').waitFor();
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    await isAccessible(page, colorScheme);
  }
});

test('the browser has nothing to complain about', () => assert.deepEqual(complaints, []));
