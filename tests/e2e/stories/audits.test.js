import assert from 'node:assert/strict';
import { test } from 'node:test';
import { as, complaints, inChromium, leave } from '../browser.js';
import { isAccessible } from '../look.js';

inChromium();

test('an operator finds and asks for an exception, and an auditor agrees', async () => {
  const [oscar, audrey] = [await as('oscar', { path: '/audits/findings?state=open&control=GCS-02' }), await as('audrey', { path: '/audits' })];
  await oscar.getByText('1 row', { exact: true }).waitFor();
  await oscar.getByRole('grid', { name: 'Findings' }).getByRole('link').first().click();
  await oscar.getByRole('button', { name: 'Request an exception' }).click();
  const end = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  await oscar.getByRole('dialog').getByLabel('Ends on').fill(end);
  await oscar.getByRole('dialog').getByLabel('Reason').fill('the scans are read by a museum');
  await isAccessible(oscar);
  await oscar.getByRole('dialog').getByRole('button', { name: 'Send the request' }).click();
  await oscar.getByText('The exception is requested').waitFor();

  await audrey.goto('/audits/exceptions?show=requested');
  await audrey.getByRole('grid').getByRole('link').first().click();
  await audrey.getByRole('button', { name: 'Approve' }).click();
  await audrey.getByRole('dialog').getByLabel('Reason').fill('until the museum has its own');
  await audrey.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
  await audrey.getByRole('region', { name: 'Messages' }).getByText('The exception is in force').waitFor();
  await audrey.getByText('In force', { exact: true }).first().waitFor();
  await leave(oscar);
  await leave(audrey);
});

test('the browser has nothing to complain about', () => assert.deepEqual(complaints, []));
