import assert from 'node:assert/strict';
import { test } from 'node:test';
import { as, complaints, inChromium, leave } from '../browser.js';
import { isAccessible } from '../look.js';
import { read, write } from '../place.js';

inChromium();

/** The first entries of the log, in one document. */
const BUNDLE = 'log_bundles/0000000000000000';

test('an auditor sees a record proven, and one that was tampered with flagged', async () => {
  const audrey = await as('audrey', { path: '/log/entries/0' });
  await audrey.getByText('Proven', { exact: true }).waitFor({ timeout: 60_000 });
  await isAccessible(audrey);

  // One letter of what is stored, past the mesh: as somebody would who can write to the database.
  const { fields } = await read(BUNDLE);
  const [first, ...rest] = fields.entries.arrayValue.values;
  const forged = { stringValue: first.stringValue.replace('user.seeded', 'user.seedee') };
  assert.notEqual(forged.stringValue, first.stringValue);
  await write(BUNDLE, { entries: { arrayValue: { values: [forged, ...rest] } } });
  try {
    await audrey.reload();
    await audrey.getByText('Not proven: something was changed').waitFor({ timeout: 60_000 });
    await isAccessible(audrey);
  } finally {
    await write(BUNDLE, { entries: { arrayValue: { values: [first, ...rest] } } });
  }
  await leave(audrey);
});

test('the browser has nothing to complain about', () => assert.deepEqual(complaints, []));
