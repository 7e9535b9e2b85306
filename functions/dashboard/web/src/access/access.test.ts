import { describe, expect, it } from 'vitest';
import { holds, readable, rolesWith } from './permissions';
import { counting, nextEnd, rolesAt } from './person';

const now = Date.parse('2026-11-23T12:00:00Z');

describe('roles at an instant', () => {
  const person = {
    roles: ['operator' as const],
    elevations: { admin: '2026-11-23T12:00:01Z', owner: '2026-11-23T12:00:00Z' },
  };
  it('hold elevations until their end, and not at it', () => expect(rolesAt(person, now)).toEqual(['operator', 'admin']));
  it('change when the next elevation ends', () => {
    expect(nextEnd(person, now)).toBe(now + 1000);
    expect(nextEnd(person, now + 1000)).toBeUndefined();
  });
});

describe('roles that demand a second factor', () => {
  const person = { second_factor_for: ['admin' as const] };
  it('count only with one', () => {
    expect(counting(['viewer', 'admin'], person, false)).toEqual(['viewer']);
    expect(counting(['viewer', 'admin'], person, true)).toEqual(['viewer', 'admin']);
  });
  it('are none where nobody demands any', () => expect(counting(['admin'], {}, false)).toEqual(['admin']));
});

describe('permissions', () => {
  it('are those of the table', () => {
    expect(holds(['viewer'], 'incidents.read')).toBe(true);
    expect(holds(['viewer'], 'incidents.acknowledge')).toBe(false);
    expect(rolesWith('overrides.break_glass')).toEqual(['owner']);
  });
  it('that nobody knows are held by nobody', () => expect(holds(['owner'], 'coffee.make')).toBe(false));
  it('open collections', () => {
    expect(readable(['viewer']).has('incidents')).toBe(true);
    expect(readable(['viewer']).has('journal')).toBe(false);
    expect(readable(['auditor']).has('journal')).toBe(true);
  });
});
