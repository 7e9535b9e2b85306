import assert from 'node:assert/strict';
import { test } from 'node:test';
import { as, complaints, inChromium, leave } from '../browser.js';
import { isAccessible } from '../look.js';
import { ask } from '../place.js';

inChromium();

test('an admin reviews who is a viewer: one stays, and one that nobody answers for loses the role', async () => {
  const { etag } = await ask('adam', '/people/local-opal');
  const body = { roles: ['operator', 'viewer'], reason: 'reads for somebody else as well' };
  assert.equal((await ask('adam', '/people/local-opal/roles', { method: 'PUT', body, version: etag })).status, 200);

  const adam = await as('adam', { path: '/access/reviews' });
  await adam.getByRole('button', { name: 'Start a review' }).click();
  const dialog = adam.getByRole('dialog');
  await dialog.getByLabel('Title').fill('Viewers of this quarter');
  await dialog.getByLabel('Viewer').check();
  await isAccessible(adam);
  await dialog.getByRole('button', { name: 'Start the review' }).click();
  await adam.getByRole('heading', { name: 'Viewers of this quarter' }).waitFor();

  await adam.getByRole('group', { name: 'Viewer of Vera Viewer' }).getByRole('button', { name: 'Keep' }).click();
  await adam.getByText(/^1 of \d+ answered/).waitFor();
  await isAccessible(adam);
  await adam.getByRole('button', { name: 'Close now' }).click();
  await dialog.getByLabel('Reason').fill('the quarter is over');
  await isAccessible(adam);
  await dialog.getByRole('button', { name: 'Close now' }).click();
  await adam.getByText('Closed', { exact: true }).first().waitFor({ timeout: 30_000 });

  const rolesOf = async (who) => (await ask('adam', `/people/local-${who}`)).body.roles;
  assert.deepEqual(await rolesOf('vera'), ['viewer']);
  assert.deepEqual(await rolesOf('opal'), ['operator']);
  await leave(adam);
});

test('the browser has nothing to complain about', () => assert.deepEqual(complaints, []));
