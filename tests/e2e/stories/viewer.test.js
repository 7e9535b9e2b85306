import assert from 'node:assert/strict';
import { test } from 'node:test';
import { as, complaints, inChromium, leave } from '../browser.js';
import { isAccessible } from '../look.js';
import { ask } from '../place.js';

inChromium();

/** What changes something, on any page: it is not there for a viewer, or says which permission it needs. */
const ACTS = /^(Request|Approve|Reject|Lift|Withdraw|Confirm|Acknowledge|Assign|Resolve|Comment|Escalate|Link|Create|Edit|Delete|Run|Start|Invite|Disable|End sessions|Replay|Break|Shred|Save)\b/;

async function nothingActs(page, path) {
  const main = page.locator('main');
  for (const control of await main.getByRole('button', { name: ACTS }).or(main.getByRole('link', { name: ACTS })).all()) {
    const name = `${(await control.textContent()).trim()} on ${path}`;
    assert.equal(await control.getAttribute('aria-disabled'), 'true', name);
    await control.focus();
    const why = page.getByRole('tooltip');
    await why.waitFor();
    assert.match(await why.textContent(), /[a-z_]+\.[a-z_]+/, `${name} names the permission`);
  }
}

test('a viewer reads every page that is theirs, and nothing on it acts', async () => {
  const incident = (await ask('vera', '/incidents')).body.items[0];
  const vera = await as('vera');
  const paths = ['/', '/events', '/events/letters', '/incidents', '/incidents/checks', '/overrides', '/overrides/history', '/audits', '/access', '/access/people/local-oscar', '/access/elevations'];
  if (incident) paths.push(`/incidents/${incident.id}`);
  for (const path of paths) {
    await vera.goto(path);
    await vera.getByRole('heading', { level: 1 }).first().waitFor();
    await vera.waitForFunction(() => !document.querySelector('main [role="status"] .line'));
    await nothingActs(vera, path);
  }
  await leave(vera);
});

test('a page that is not theirs names the permission that it needs', async () => {
  const vera = await as('vera');
  assert.equal(await vera.getByRole('navigation').first().getByRole('link', { name: 'Log' }).count(), 0);
  for (const [path, permission] of [['/log', 'log.read'], ['/log/entries/0', 'log.read']]) {
    await vera.goto(path);
    await vera.getByText('Your roles do not open this page').waitFor();
    await vera.getByText(permission).waitFor();
    await isAccessible(vera);
  }
  // The form is not theirs either, even for who knows its address.
  await vera.goto('/overrides/new');
  await vera.getByText('overrides.request').first().waitFor();
  await vera.goto('/incidents/new-check');
  await vera.getByText('checks.write').first().waitFor();
  await isAccessible(vera);
  await leave(vera);
});

test('what the page does not offer, the API refuses', async () => {
  const body = { control: 'trading', effect: { kind: 'pause' }, minutes: 5, reason: 'a viewer may not' };
  const { status, body: problem } = await ask('vera', '/overrides/dry-run', { method: 'POST', body });
  assert.deepEqual([status, problem.code], [403, 'PERMISSION_DENIED']);
});

test('the browser has nothing to complain about', () => assert.deepEqual(complaints, []));
