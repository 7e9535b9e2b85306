import { describe, expect, it } from 'vitest';
import { same, told, unheard, wishesOf, type Preferences } from './wishes';

const PAGE = { page: true, email: false, sms: false };
const wishes: Preferences = { incidents_from: 'p2', incidents: PAGE, approvals: PAGE, expiring_exceptions: PAGE };

describe('wishes', () => {
  it('are read from a document without what else it holds', () => {
    const stored = { ...wishes, id: 'local-oscar', revision: 7 };
    expect(wishesOf(stored)).toEqual(wishes);
  });
  it('change in one place, and the wishes before stay as they were', () => {
    const after = told(wishes, 'approvals', 'email', true);
    expect(after.approvals).toEqual({ page: true, email: true, sms: false });
    expect(after.incidents).toEqual(PAGE);
    expect(wishes.approvals.email).toBe(false);
  });
  it('are the same only when nothing differs', () => {
    expect(same(wishes, structuredClone(wishes))).toBe(true);
    expect(same(wishes, { ...wishes, incidents_from: 'p1' })).toBe(false);
    expect(same(wishes, told(wishes, 'expiring_exceptions', 'sms', true))).toBe(false);
    expect(same(wishes, told(told(wishes, 'incidents', 'sms', true), 'incidents', 'sms', false))).toBe(true);
  });
  it('say what is told in no way at all', () => {
    expect(unheard(wishes)).toEqual([]);
    expect(unheard(told(wishes, 'incidents', 'page', false))).toEqual(['incidents']);
  });
});
