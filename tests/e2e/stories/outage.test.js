import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { as, complaints, inChromium, leave } from '../browser.js';
import { ask, base, write } from '../place.js';

inChromium();

const run = promisify(execFile);

/** The process that listens at the Firestore emulator's port. */
async function firestore() {
  const { stdout } = await run('ss', ['-ltnpH', `sport = :${base + 1}`]);
  const [, process] = /pid=(\d+)/.exec(stdout) ?? [];
  assert.ok(process, 'the Firestore emulator listens');
  return Number(process);
}

test('Firestore goes away for ten seconds, and the page says so and recovers by itself', async () => {
  const page = await as('oscar');
  await page.getByRole('status').getByText(/well|open|restricted|wait/).waitFor();
  const emulator = await firestore();
  process.kill(emulator, 'SIGSTOP');
  try {
    await page.context().setOffline(true);
    await page.getByText('You are offline').waitFor();
    await new Promise((done) => setTimeout(done, 10_000));
  } finally {
    process.kill(emulator, 'SIGCONT');
    await page.context().setOffline(false);
  }
  await write('services/kiosk', { name: { stringValue: 'Kiosk by the river' }, url: { stringValue: 'http://127.0.0.1:9/' } });
  await page.getByText('Kiosk by the river').waitFor({ timeout: 60_000 });
  assert.equal(await page.getByText('You are offline').count(), 0);
  await leave(page);
});

test('a session that is ended while the page is open ends on the page', async () => {
  const tess = await as('tess', { path: '/settings' });
  const revoked = await ask('adam', '/people/local-tess/sessions/revoke', { method: 'POST', body: { reason: 'her telephone is gone' } });
  assert.ok(revoked.status < 300, JSON.stringify(revoked));
  // The time that a role or a session may outlive its end on an open page.
  await tess.getByRole('heading', { name: 'Sign in' }).waitFor({ timeout: 10_000 });
  await leave(tess);
});

test('a role that is given shows at once', async () => {
  const vera = await as('vera', { path: '/settings' });
  assert.equal(await vera.getByRole('link', { name: 'Log' }).count(), 0);
  const roles = async (list) => {
    const { etag } = await ask('adam', '/people/local-vera');
    const body = { roles: list, reason: 'for a day' };
    return ask('adam', '/people/local-vera/roles', { method: 'PUT', body, version: etag });
  };
  assert.equal((await roles(['viewer', 'auditor'])).status, 200);
  await vera.getByRole('link', { name: 'Log' }).waitFor({ timeout: 10_000 });
  assert.equal((await roles(['viewer'])).status, 200);
  await vera.getByRole('link', { name: 'Log' }).waitFor({ state: 'detached', timeout: 10_000 });
  await leave(vera);
});

test('the browser has nothing to complain about', () => {
  // While Firestore is away its SDK looks whether there is a network at all, at an address that the page may not reach.
  assert.deepEqual(complaints.filter((said) => !said.includes('cleardot.gif')), []);
});
