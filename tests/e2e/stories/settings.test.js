import assert from 'node:assert/strict';
import { test } from 'node:test';
import { as, complaints, inChromium, leave, signIn } from '../browser.js';
import { isAccessible } from '../look.js';
import { ask } from '../place.js';

inChromium();

const wish = (page, name) => page.getByRole('checkbox', { name, exact: true });

test('somebody chooses what they are told of, and finds it so in another browser', async () => {
  const page = { page: true, email: false, sms: false };
  const before = { incidents_from: 'p2', incidents: page, approvals: page, expiring_exceptions: page };
  assert.equal((await ask('opal', '/me/preferences', { method: 'PUT', body: before })).status, 200);
  const [here, there] = [await as('opal', { path: '/settings/notifications' }), await as('opal', { path: '/settings/notifications' })];
  await wish(here, 'Requests that wait for you: E-mail').check();
  await wish(here, 'Incidents: Dashboard').uncheck();
  await here.getByText('You would not be told of: incidents').waitFor();
  await isAccessible(here);
  await wish(here, 'Incidents: Dashboard').check();
  await here.getByLabel('Incidents from').selectOption('p1');

  // What is begun there is kept when it is changed here.
  await wish(there, 'Exceptions about to expire: SMS').check();
  await here.getByRole('button', { name: 'Save', exact: true }).click();
  await here.getByText('Your notifications are saved').waitFor();
  await there.getByText('You changed this elsewhere meanwhile').waitFor();
  assert.ok(await wish(there, 'Exceptions about to expire: SMS').isChecked());
  await there.getByRole('button', { name: 'Take what was saved there' }).click();
  assert.ok(await wish(there, 'Requests that wait for you: E-mail').isChecked());
  assert.ok(!(await wish(there, 'Exceptions about to expire: SMS').isChecked()));
  await there.reload();
  await there.getByLabel('Incidents from').waitFor();
  assert.equal(await there.getByLabel('Incidents from').inputValue(), 'p1');
  await leave(here);
  await leave(there);
});

test('somebody ends all their sessions, and signs in again', async () => {
  const [here, there] = [await as('audrey', { path: '/settings/session' }), await as('audrey', { path: '/audits' })];
  await here.getByText('Not shown', { exact: true }).waitFor();
  await here.getByRole('button', { name: 'End all my sessions' }).click();
  await here.getByRole('alertdialog', { name: 'End all your sessions?' }).waitFor();
  await isAccessible(here);
  await here.getByRole('button', { name: 'End them all' }).click();
  for (const page of [here, there]) {
    await page.getByText('Your session was ended. Sign in again.').waitFor({ timeout: 10_000 });
    assert.equal(await page.getByText('Audrey').count(), 0);
  }
  await signIn(here, 'audrey@meridian.example', 'audrey-local');
  await here.getByText('All sessions ended').waitFor();
  await leave(here);
  await leave(there);
});

test('the page says what it is made of', async () => {
  const page = await as('vera', { path: '/settings/about' });
  const about = page.getByRole('region', { name: 'About' });
  for (const name of ['audit-engine', 'firebase-proxy', 'iam-control']) {
    const part = about.getByRole('listitem').filter({ hasText: name });
    await part.getByText(/One instance, renewed/).waitFor();
    await part.getByText(new RegExp(`^\\d+\\.\\d+\\.\\d+, ${name}-local$`)).waitFor();
  }
  await leave(page);
});

test('the browser has nothing to complain about', () => assert.deepEqual(complaints, []));
