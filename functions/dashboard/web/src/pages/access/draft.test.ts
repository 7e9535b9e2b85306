import { describe, expect, it } from 'vitest';
import { changes, isLastOwner, objections, rebased, toggled, type Drafts } from './draft';

const owner = { id: 'olivia', state: 'active', roles: ['owner' as const] };
const second = { id: 'otto', state: 'disabled', roles: ['owner' as const] };
const oscar = { id: 'oscar', state: 'active', roles: ['operator' as const] };
const me = { uid: 'olivia', owner: true };

describe('a draft', () => {
  it('that is toggled back is none', () => {
    const once = toggled({}, 'oscar', oscar.roles, 'viewer');
    expect(once).toEqual({ oscar: { base: ['operator'], wanted: ['viewer', 'operator'] } });
    expect(toggled(once, 'oscar', oscar.roles, 'viewer')).toEqual({});
  });
  it('keeps what the roles were when it was begun', () => {
    const once = toggled({}, 'oscar', ['operator'], 'viewer');
    expect(toggled(once, 'oscar', ['treasurer'], 'admin')['oscar']?.base).toEqual(['operator']);
  });
  it('is told as changes, role by role', () => {
    const drafts: Drafts = { oscar: { base: ['operator'], wanted: ['auditor'] } };
    expect(changes(drafts)).toEqual([
      { person: 'oscar', role: 'operator', change: 'take' },
      { person: 'oscar', role: 'auditor', change: 'give' },
    ]);
  });
  it('is done again to what somebody else made of the roles', () => {
    const draft = { base: ['viewer' as const, 'operator' as const], wanted: ['viewer' as const, 'treasurer' as const] };
    expect(rebased(draft, ['operator', 'admin'])).toEqual({ base: ['operator', 'admin'], wanted: ['treasurer', 'admin'] });
  });
});

describe('objections', () => {
  const people = [owner, second, oscar];
  const check = (drafts: Drafts, kinds: string[], who = me): void =>
    expect(objections(people, drafts, who).map(({ kind }) => kind)).toEqual(kinds);

  it('are none for what may be', () => check({ oscar: { base: ['operator'], wanted: ['operator', 'treasurer'] } }, []));
  it('tell roles that are held apart', () => check({ oscar: { base: ['operator'], wanted: ['operator', 'auditor'] } }, ['apart']));
  it('tell the last active owner; one who is disabled does not count', () =>
    check({ olivia: { base: ['owner'], wanted: ['viewer'] } }, ['last-owner'], { uid: 'x', owner: true }));
  it('tell that somebody else is owner then', () =>
    check(
      { olivia: { base: ['owner'], wanted: ['viewer'] }, oscar: { base: ['operator'], wanted: ['owner'] } },
      [],
      { uid: 'x', owner: true },
    ));
  it('tell that nobody changes their own roles', () => check({ olivia: { base: ['owner'], wanted: ['owner', 'viewer'] } }, ['own']));
  it('tell that only an owner makes owners', () =>
    check({ oscar: { base: ['operator'], wanted: ['owner'] } }, ['owner-makes-owner'], { uid: 'adam', owner: false }));
});

it('the last owner is who is owner, active and alone', () => {
  expect(isLastOwner([owner, second, oscar], 'olivia')).toBe(true);
  expect(isLastOwner([owner, { ...second, state: 'active' }], 'olivia')).toBe(false);
});
