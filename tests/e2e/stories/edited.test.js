import assert from 'node:assert/strict';
import { test } from 'node:test';
import { as, complaints, inChromium, leave } from '../browser.js';
import { isAccessible } from '../look.js';
import { ask } from '../place.js';

inChromium();

const CHECK = 'pier-answers';
const SPEC = {
  name: 'Pier answers',
  service: 'iam-control',
  probe: { kind: 'tcp', host: '127.0.0.1', port: 9 },
  interval_seconds: 3600,
  timeout_seconds: 5,
  severity: 'p4',
  fire_after: 3,
  clear_after: 2,
  enabled: false,
};

const change = async (changes) => {
  const { etag } = await ask('opal', `/checks/${CHECK}`);
  return ask('opal', `/checks/${CHECK}`, { method: 'PUT', body: { ...SPEC, ...changes }, version: etag });
};

test('two people edit the same check, and the slower one sees both versions and loses nothing', async () => {
  const made = await ask('opal', '/checks', { method: 'POST', body: { check: CHECK, spec: SPEC } });
  assert.ok(made.status < 300, JSON.stringify(made.body));
  const oscar = await as('oscar', { path: `/incidents/checks/${CHECK}/edit` });
  const name = oscar.getByLabel('Name', { exact: true });
  await name.fill('The pier answers');

  // Somebody is faster between looking and saving: the API refuses, and the page has not heard of it before.
  const statuses = [];
  oscar.on('response', (answer) => {
    if (answer.request().method() === 'PUT') statuses.push(answer.status());
  });
  await oscar.route(`**/api/v1/checks/${CHECK}`, async (route) => {
    if (route.request().method() === 'PUT' && statuses.length === 0) {
      assert.equal((await change({ fire_after: 5 })).status, 200);
    }
    await route.continue();
  });
  await oscar.getByRole('button', { name: 'Save', exact: true }).click();
  await oscar.getByText('Somebody changed this check meanwhile').waitFor();
  assert.deepEqual(statuses, [412]);
  await oscar.getByText('What they changed').waitFor();
  await oscar.getByText('Theirs, and what you would save instead').waitFor();
  assert.equal(await name.inputValue(), 'The pier answers');
  await isAccessible(oscar);

  // Both changes end up in the check.
  await oscar.getByRole('button', { name: 'Put both together' }).click();
  await oscar.getByRole('button', { name: 'Save', exact: true }).click();
  await oscar.getByText('The check is saved').waitFor();
  const { body } = await ask('opal', `/checks/${CHECK}`);
  assert.deepEqual([body.spec.name, body.spec.fire_after], ['The pier answers', 5]);
  await leave(oscar);
});

test('what somebody else changes is shown while this one writes', async () => {
  const oscar = await as('oscar', { path: `/incidents/checks/${CHECK}/edit` });
  await oscar.getByLabel('Name', { exact: true }).fill('The pier still answers');
  assert.equal((await change({ name: 'A pier' })).status, 200);
  await oscar.getByText('Somebody changed this check meanwhile').waitFor();
  await oscar.getByText('One setting you both changed').waitFor();
  assert.equal(await oscar.getByLabel('Name', { exact: true }).inputValue(), 'The pier still answers');
  const { etag } = await ask('opal', `/checks/${CHECK}`);
  await ask('opal', `/checks/${CHECK}`, { method: 'DELETE', version: etag });
  await leave(oscar);
});

test('the browser has nothing to complain about', () => assert.deepEqual(complaints, []));
