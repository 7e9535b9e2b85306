import assert from 'node:assert/strict';
import { test } from 'node:test';
import { as, complaints, inChromium, leave } from '../browser.js';
import { isAccessible, looksLike } from '../look.js';

inChromium();

const trading = (page) => page.getByRole('article', { name: 'Trading', exact: true });

test('an operator halts trading with a second person, and it is restored', async () => {
  const [oscar, opal] = [await as('oscar', { path: '/overrides' }), await as('opal', { path: '/overrides' })];
  await trading(oscar).getByText('Enabled').waitFor();
  await oscar.getByRole('link', { name: 'Request an override' }).click();
  await oscar.getByLabel('Control', { exact: true }).selectOption({ label: 'Trading' });
  await oscar.getByLabel('How long').fill('5m');
  await oscar.getByLabel('Reason').fill('the exchange answers nonsense');
  await oscar.getByText('No rule refuses it').waitFor();
  await oscar.getByRole('button', { name: 'Request', exact: true }).click();
  await oscar.waitForURL(/overrides\/[0-9a-f-]{30,}$/);
  // Nobody approves what they asked for themselves.
  const own = oscar.getByRole('button', { name: 'Approve' });
  assert.equal(await own.getAttribute('aria-disabled'), 'true');

  const card = opal.getByRole('article', { name: 'Pause: Trading' });
  await card.getByRole('button', { name: 'Approve' }).click();
  await opal.getByRole('dialog').getByLabel('Reason').fill('seen it too');
  await isAccessible(opal);
  await opal.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
  for (const page of [opal, oscar]) {
    if (page === oscar) await page.goto('/overrides');
    await trading(page).getByText('Halted', { exact: true }).waitFor();
    await trading(page).getByText(/Applied by (\d+) of \1,/).waitFor();
  }
  await isAccessible(oscar);

  await trading(oscar).getByRole('button', { name: 'Lift' }).click();
  await oscar.getByRole('dialog').getByLabel('Reason').fill('it answers again');
  await oscar.getByRole('dialog').getByRole('button', { name: 'Lift' }).click();
  for (const page of [oscar, opal]) await trading(page).getByText(/Restored to enabled/).waitFor();
  await leave(oscar);
  await leave(opal);
});

test('the browser has nothing to complain about', () => assert.deepEqual(complaints, []));
