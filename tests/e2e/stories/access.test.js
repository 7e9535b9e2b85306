import assert from 'node:assert/strict';
import { test } from 'node:test';
import { as, complaints, inChromium, leave, open } from '../browser.js';
import { isAccessible } from '../look.js';
import { address } from '../place.js';

inChromium();

test('an admin invites somebody, who comes in; gives roles; and ends a session', async () => {
  const adam = await as('adam', { path: '/access' });
  await isAccessible(adam);
  await adam.getByRole('button', { name: 'Invite' }).click();
  const dialog = adam.getByRole('dialog');
  await dialog.getByLabel('E-mail').fill('nina@meridian.example');
  await dialog.getByLabel('Name').fill('Nina New');
  await adam.getByRole('button', { name: 'Make the invitation' }).click();
  const link = await adam.getByLabel('Invitation link').inputValue();
  assert.match(link, new RegExp(`^${address}/invitation#.{20,}`));
  await isAccessible(adam);
  await adam.getByRole('button', { name: 'I have the link' }).click();

  const nina = await open({ path: link });
  await nina.getByLabel('New password').fill('a long one for nina');
  await nina.getByLabel('The same password again').fill('a long one for nina');
  await nina.getByRole('button', { name: 'Accept and sign in' }).click();
  await nina.getByRole('navigation').first().waitFor();

  await adam.goto('/access?edit=1&search=nina');
  await adam.getByLabel('Operator for Nina New').check();
  await adam.getByLabel('Auditor for Nina New').check();
  await adam.getByRole('button', { name: 'Review and save' }).click();
  await dialog.getByText('It would be refused').waitFor();
  await adam.keyboard.press('Escape');
  await adam.getByLabel('Auditor for Nina New').uncheck();
  await adam.getByRole('button', { name: 'Review and save' }).click();
  await dialog.getByLabel('Reason').fill('joins the operators');
  await adam.getByRole('button', { name: /^Save roles of 1 person/ }).click();
  await adam.getByText('Roles of 1 person saved').waitFor();
  // It shows where she is, without signing in again.
  await nina.goto('/settings');
  await nina.getByText(/operator/).first().waitFor();
  await leave(nina);
  await leave(adam);
});

test('two people edit the same roles, and nothing of either is lost', async () => {
  const [adam, olivia] = [await as('adam', { path: '/access?edit=1&search=tess' }), await as('olivia', { path: '/access?edit=1&search=tess' })];
  await adam.getByLabel('Viewer for Tess Treasurer').check();
  await olivia.getByLabel('Viewer for Tess Treasurer').waitFor();
  await olivia.getByLabel('Admin for Tess Treasurer').check();
  await olivia.getByRole('button', { name: 'Review and save' }).click();
  await olivia.getByRole('dialog').getByLabel('Reason').fill('looks after people too');
  await olivia.getByRole('button', { name: /^Save roles of 1 person/ }).click();
  await olivia.getByText('Roles of 1 person saved').waitFor();

  await adam.getByText('Somebody changed these roles meanwhile').waitFor();
  await adam.getByRole('button', { name: 'Review and save' }).click();
  await adam.getByRole('button', { name: 'Make my changes to what is there now' }).click();
  await adam.getByRole('dialog').getByLabel('Reason').fill('reads as well');
  await adam.getByRole('button', { name: /^Save roles of 1 person/ }).click();
  await adam.getByText('Roles of 1 person saved').waitFor();
  await leave(adam);
  await leave(olivia);
});

test('the browser has nothing to complain about', () => assert.deepEqual(complaints, []));
