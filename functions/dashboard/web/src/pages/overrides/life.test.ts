import { describe, expect, it } from 'vitest';
import { override } from './fixtures';
import { hashOf } from './hash';
import { facets, matches } from './history';
import { life, supersededBy } from './life';
import { text } from './text';

const names = { name: (uid: string) => uid, actor: () => 'somebody' };
const titles = (...given: Parameters<typeof override>) => life(override(...given), names).map((entry) => entry.title);

describe('the life of an override', () => {
  const approvals = [{ by: 'opal', at: '2026-11-28T07:01:00Z', hash: '', signed_in_at: '' }];
  const said = (at: string) => ({ by: { kind: 'person' as const, uid: 'opal' }, at, reason: 'why' });

  it('says what is to come while it waits', () => expect(titles()).toEqual([text.life.requested, text.life.lapses]));

  it('tells each step in the order of time', () => {
    const active = { state: 'active' as const, approvals, activated_at: '2026-11-28T07:01:01Z', until: '2026-11-28T08:01:01Z' };
    expect(titles(active)).toEqual([text.life.requested, text.life.agreed(1, 1), text.life.active, text.life.until]);
    const lifted = { ...active, state: 'lifted' as const, lift: said('2026-11-28T07:05:00Z'), ended: said('2026-11-28T07:05:00Z') };
    expect(titles(lifted)).toEqual([text.life.requested, text.life.agreed(1, 1), text.life.active, text.override.state.lifted]);
  });

  it('begins with broken glass, and is not over before its review', () => {
    const review = { due_at: '2026-11-29T07:00:00Z' };
    expect(titles({ state: 'expired', review, ended: said('2026-11-28T08:00:00Z') })).toEqual([
      text.life.brokeGlass,
      text.override.state.expired,
      text.life.reviewDue,
    ]);
  });

  it('names what took its place', () =>
    expect(supersededBy(override({ state: 'superseded', ended: { ...said(''), reason: 'by `o2`' } }))).toBe('o2'));
});

it('has the hash that the model gives it', async () => {
  const asked = override({ requested_by: { kind: 'person', uid: 'local-oscar', email: 'oscar@meridian.example' } });
  // As a running mesh wrote them.
  expect(await hashOf('01a220f9-2e1f-71c6-8c9f-eb75b25933bd', asked)).toBe('6f0573511228e3a385f50a260e68dc879532c64f77f8777c19b334a384200368');
  const forged = { ...asked, change: { ...asked.change, control: 'sales' } };
  expect(await hashOf('01a220f9-2e1f-71c6-8c9f-eb75b25933bd', forged)).not.toMatch(/^6f05/);
});

describe('history', () => {
  const now = Date.parse('2026-11-28T08:00:00Z');
  const found = (filter: Record<string, string[]>, search = '') => matches(override(), filter, search, now);

  it('is filtered by control, state, person, time and words', () => {
    expect(found({ control: ['trading', 'sales'], state: ['requested'], person: ['oscar'], time: ['day'] }, 'NONSENSE pause')).toBe(true);
    expect(found({ control: ['sales'] })).toBe(false);
    expect(found({ state: ['active'] })).toBe(false);
    expect(found({ person: ['opal'] })).toBe(false);
    expect(found({}, 'sense kill')).toBe(false);
    expect(matches(override(), { time: ['day'] }, '', now + 23 * 3_600_000)).toBe(true);
    expect(matches(override(), { time: ['day'] }, '', now + 23 * 3_600_000 + 1)).toBe(false);
  });

  it('offers who asked, with how often', () => {
    const person = facets([override(), override({ id: 'o2' })], () => 'Oscar').find((facet) => facet.key === 'person');
    expect(person?.options).toEqual([{ value: 'oscar', title: 'Oscar', count: 2 }]);
  });
});
