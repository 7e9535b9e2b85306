import assert from 'node:assert/strict';
import { test } from 'node:test';
import { as, complaints, inChromium, leave, open, PHONE, signIn } from '../browser.js';
import { isAccessible, looksLike } from '../look.js';
import { address } from '../place.js';

inChromium();

test('the way in is safe, accessible, and the same as always', async () => {
  const answer = await fetch(address);
  assert.match(answer.headers.get('content-security-policy'), /default-src 'none'.*require-trusted-types-for 'script'/);
  for (const [name, options] of Object.entries({
    light: {},
    dark: { colorScheme: 'dark' },
    phone: { viewport: PHONE },
  })) {
    const page = await open(options);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await isAccessible(page);
    await looksLike(page, `entrance-${name}`);
    await leave(page);
  }
});

test('who does not know the password is told no more than that', async () => {
  const page = await open();
  for (const email of ['oscar@meridian.example', 'nobody@meridian.example']) {
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Password').fill('a guess');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByText('Address and password do not belong together.').waitFor();
  }
  await leave(page);
});

test('whoever signs in after somebody else in the same browser sees nothing of theirs', async () => {
  const page = await as('oscar', { path: '/settings' });
  await page.getByText('local-oscar').waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  assert.equal(await page.getByText('local-oscar').count(), 0);
  await signIn(page, 'vera@meridian.example', 'vera-local');
  await page.getByText('local-vera').waitFor();
  assert.equal(await page.getByText('oscar').count(), 0);
  await leave(page);
});

test('the browser has nothing to complain about', () => assert.deepEqual(complaints, []));
