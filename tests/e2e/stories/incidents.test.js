import assert from 'node:assert/strict';
import { test } from 'node:test';
import { as, complaints, inChromium, leave } from '../browser.js';
import { isAccessible } from '../look.js';
import { write } from '../place.js';

inChromium();

test('a service goes down, one incident opens, and two people who look after it lose nothing', async () => {
  // Nobody answers there: after two looks, a minute apart, an incident opens.
  await write('services/pier', { name: { stringValue: 'Pier' }, url: { stringValue: 'http://127.0.0.1:9/' } });
  const [oscar, opal] = [await as('oscar', { path: '/incidents' }), await as('opal', { path: '/incidents' })];
  const link = (page) => page.getByRole('link', { name: /Pier/ });
  await link(oscar).first().waitFor({ timeout: 200_000 });
  assert.equal(await link(oscar).count(), 1);
  await isAccessible(oscar);
  for (const page of [oscar, opal]) await link(page).first().click();

  for (const page of [oscar, opal]) await page.getByRole('button', { name: 'Acknowledge' }).click();
  await opal.getByRole('dialog').getByLabel('Reason').fill('on my way to the pier');
  await opal.getByRole('dialog').getByRole('button', { name: 'Acknowledge' }).click();
  await opal.getByText('Acknowledged').first().waitFor();

  // The slower one is told what changed, and keeps what was written.
  await oscar.getByRole('dialog').getByLabel('Reason').fill('I look after it');
  await isAccessible(oscar);
  await oscar.keyboard.press('Escape');
  await opal.getByRole('button', { name: 'Comment' }).click();
  await opal.getByRole('dialog').getByRole('textbox').fill('a rope is torn');
  await opal.getByRole('dialog').getByRole('button', { name: 'Comment' }).click();
  await oscar.getByText('a rope is torn').first().waitFor();
  await leave(oscar);
  await leave(opal);
});

test('the browser has nothing to complain about', () => assert.deepEqual(complaints, []));
