import assert from 'node:assert/strict';
import { test } from 'node:test';
import { as, complaints, inChromium, leave } from '../browser.js';
import { isAccessible } from '../look.js';
import { write } from '../place.js';

inChromium();

/** What only an operator does on the page of overrides. */
const acting = (page) => page.getByRole('link', { name: 'Request an override' });
const refused = (page) => page.getByRole('button', { name: 'Request an override' });

async function request(page, reason) {
  await page.goto('/access/elevations');
  await page.getByRole('button', { name: 'Request a role' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Role').selectOption({ label: 'Operator' });
  await dialog.getByLabel('For how long').fill('15m');
  await dialog.getByLabel('Reason').fill(reason);
  await isAccessible(page);
  await dialog.getByRole('button', { name: 'Send the request' }).click();
  await page.getByText('Requested', { exact: true }).first().waitFor();
}

async function approve(page) {
  const card = page.getByRole('article').filter({ hasText: 'Tess Treasurer wants Operator' });
  await card.getByRole('button', { name: 'Approve' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('for this evening');
  await isAccessible(page);
  await dialog.getByRole('button', { name: 'Approve' }).click();
  await page.getByText('Tess Treasurer is Operator').waitFor();
}

test('a treasurer is lent a role by another, acts with it, and has it no longer when its time is over', async () => {
  const [tess, adam] = [await as('tess'), await as('adam', { path: '/access/elevations' })];
  await request(tess, 'the night shift is ill');
  // Nobody decides about their own request: she may take it back, no more.
  const own = tess.getByRole('article').filter({ hasText: 'Tess Treasurer wants Operator' });
  for (const button of await own.getByRole('button', { name: 'Approve' }).all()) {
    assert.equal(await button.getAttribute('aria-disabled'), 'true');
  }
  await own.getByRole('button', { name: 'Withdraw' }).waitFor();
  await tess.goto('/overrides');
  await refused(tess).waitFor();

  await approve(adam);
  // On the page that is open, without signing in again; and the API lets her.
  await acting(tess).waitFor({ timeout: 10_000 });
  await acting(tess).click();
  await tess.getByLabel('Control', { exact: true }).selectOption({ label: 'Sales' });
  await tess.getByLabel('How long').fill('5m');
  await tess.getByLabel('Reason').fill('a price is wrong');
  await tess.getByText('No rule refuses it').waitFor();
  await tess.goto('/overrides');
  await acting(tess).waitFor();

  // Fifteen minutes are a long time for a story: its end comes in some seconds, and nothing is written when it does.
  const end = new Date(Date.now() + 6_000).toISOString();
  await write('users/local-tess', { elevations: { mapValue: { fields: { operator: { timestampValue: end } } } } });
  await refused(tess).waitFor({ timeout: 15_000 });
  assert.ok(Date.now() >= Date.parse(end), 'she has it until its time is over');
  await leave(tess);
  await leave(adam);
});

test('an elevation that is revoked ends at once', async () => {
  const [tess, olivia] = [await as('tess'), await as('olivia', { path: '/access/elevations' })];
  const before = olivia.getByRole('article').filter({ hasText: 'Tess Treasurer is Operator' });
  for (const round of ['ends what the story before left', 'ends what was given just now']) {
    if (round.endsWith('now')) {
      await request(tess, 'once more');
      await approve(olivia);
      await tess.goto('/overrides');
      await acting(tess).waitFor();
    }
    await before.getByRole('button', { name: 'Revoke' }).click();
    await olivia.getByRole('dialog').getByLabel('Reason').fill('the shift is over');
    await olivia.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
    await before.waitFor({ state: 'detached' });
  }
  await refused(tess).waitFor({ timeout: 10_000 });
  await leave(tess);
  await leave(olivia);
});

test('the browser has nothing to complain about', () => assert.deepEqual(complaints, []));
