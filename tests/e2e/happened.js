// A mesh in which something has happened: of each thing that a page shows there is one.

import assert from 'node:assert/strict';
import { ask, write } from './place.js';

const made = async (who, path, body, method = 'POST') => {
  const answer = await ask(who, path, { method, body });
  assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
};
const first = async (who, path) => (await ask(who, path)).body.items[0].id;
const inDays = (days) => new Date(Date.now() + days * 86_400_000).toISOString();

const text = (stringValue) => ({ stringValue });
/** A delivery that failed, as a function buries it. */
const LETTER = {
  function: text('audit-engine'),
  trigger: text('resource-written'),
  event: text('a-letter-of-the-stories'),
  code: text('INVALID_ARGUMENT'),
  reason: text('the asset has no name'),
  headers: { mapValue: { fields: { 'ce-type': text('google.cloud.firestore.document.v1.written') } } },
  body_bytes: { integerValue: '0' },
  body_parts: { integerValue: '0' },
};

/** Somebody who was invited and has not come yet; nobody is invited twice. */
async function invited() {
  const email = 'ida@meridian.example';
  const known = (await ask('adam', '/people')).body.items.find((one) => one.email === email);
  return (known ?? (await made('adam', '/people', { email, display_name: 'Ida Invited', roles: ['viewer'] }))).uid;
}

/** Lets it happen, and tells the ids of what there is then. */
export async function happen() {
  const finding = (await ask('oscar', '/findings?state=open')).body.items[0];
  const [override, exception, grant, review, glass] = [
    await made('oscar', '/overrides', { control: 'sales', effect: { kind: 'pause' }, minutes: 15, reason: 'prices are looked at' }),
    await made('oscar', '/exceptions', { control: finding.control, assets: finding.asset_name, reason: 'it is replaced next month', until: inDays(30) }),
    await made('tess', '/grants', { role: 'operator', minutes: 60, reason: 'the night shift is ill' }),
    await made('adam', '/access-reviews', { title: 'Owners of this quarter', due_in_days: 14, roles: ['owner'] }),
    await made('adam', '/glass', { reason: 'nobody else is awake' }),
  ];
  // The incident stays; nobody has to be owner for it.
  await made('olivia', `/grants/${glass.grant.id}/revoke`, { reason: 'somebody is awake' });
  await write('dead_letters/a-letter-of-the-stories', { ...LETTER, buried_at: { timestampValue: new Date().toISOString() } });
  const record = (await ask('audrey', '/journal?page_size=1')).body.items[0];
  return {
    finding: finding.id,
    control: finding.control,
    override: override.override,
    exception: exception.exception,
    grant: grant.id,
    review: review.id,
    invited: await invited(),
    incident: glass.incident,
    letter: 'a-letter-of-the-stories',
    audit: await first('audrey', '/audits'),
    record: record.id,
    correlation: record.correlation,
  };
}

/** Takes back what other stories would stumble over. */
export async function undo(it) {
  await ask('oscar', `/overrides/${it.override}/withdraw`, { method: 'POST', body: { reason: 'they are right' } });
  await ask('oscar', `/exceptions/${it.exception}/withdraw`, { method: 'POST', body: { reason: 'it was replaced' } });
  await ask('tess', `/grants/${it.grant}/withdraw`, { method: 'POST', body: { reason: 'they are well again' } });
}
