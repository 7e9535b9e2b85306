import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { as, complaints, DESK, inChromium, leave, PHONE } from '../browser.js';
import { pagesOf } from '../every-page.js';
import { happen, undo } from '../happened.js';
import { looksLike, show } from '../look.js';

inChromium();

const NAMES = Object.keys(pagesOf({}));
const LOOKS = { light: [DESK, 'light'], dark: [DESK, 'dark'], phone: [PHONE, 'light'] };
/** The pictures that the dashboard's README shows. */
const SHOWN = {
  'overview-light': 'overview',
  'overrides-dark': 'overrides-dark',
  'findings-light': 'findings',
  'log-light': 'log',
  'access-light': 'access',
  'overview-phone': 'overview-phone',
};

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

for (const name of NAMES) {
  // One visit for all looks: the emulator takes ever longer the more pages have listened to it.
  test(`\`${name}\` looks as always`, async (story) => {
    await page.setViewportSize(DESK);
    await page.goto(pagesOf(it)[name]);
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    for (const [look, [viewport, colorScheme]] of Object.entries(LOOKS)) {
      await story.test(look, async () => {
        await page.setViewportSize(viewport);
        await page.emulateMedia({ colorScheme });
        await looksLike(page, `${name}-${look}`);
        const shown = SHOWN[`${name}-${look}`];
        if (shown && process.env.MESH_WRITE) await show(page, shown);
      });
    }
  });
}

test('the browser has nothing to complain about', () => assert.deepEqual(complaints, []));
