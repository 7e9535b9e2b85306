import { describe, expect, it } from 'vitest';
import { searchAddress, fromQuery, nothing, toQuery, wanted } from './search';

const now = Date.parse('2026-11-28T08:00:30.500Z');
const of = (query: string) => fromQuery(new URLSearchParams(query));
const where = (query: string) => {
  const asked = wanted(of(query), 50, now);
  return 'where' in asked ? asked.where : undefined;
};

describe('what is searched', () => {
  it('leads to its address and back', () => {
    const search = of('actor=vera@meridian.example&action=user.seeded&target=users/local-vera&correlation=c&since=day');
    expect(search).toEqual({
      ...nothing, actor: 'vera@meridian.example', action: 'user.seeded', target: 'users/local-vera', correlation: 'c', since: 'day',
    });
    expect(fromQuery(new URLSearchParams(searchAddress(search).split('?')[1]))).toEqual(search);
    expect(searchAddress({})).toBe('/log');
  });

  it('takes times from the address only if they are some', () => {
    expect(of('from=2026-11-28T07:00:00Z')).toMatchObject({ since: 'between', from: '2026-11-28T07:00:00.000Z', to: '' });
    expect(of('from=yesterday&since=century')).toEqual(nothing);
    // A span and its ends exclude each other.
    expect(of('since=hour&from=2026-11-28T07:00:00Z').since).toBe('hour');
    expect(toQuery({ ...nothing, since: 'hour', from: '2026-11-28T07:00:00Z' })['from']).toBeUndefined();
    expect(toQuery({ ...nothing, since: 'between', from: '' })).toEqual({});
  });
});

describe('the query', () => {
  it('is everything, newest first, for nothing', () =>
    expect(wanted(nothing, 50, now)).toEqual({ collection: 'journal', where: [], order: [['time', 'desc']], limit: 50 }));

  it('knows people by address or id, and services by account', () => {
    expect(where('actor=vera@meridian.example')).toEqual([['actor.email', '==', 'vera@meridian.example']]);
    expect(where('actor=local-vera')).toEqual([['actor.uid', '==', 'local-vera']]);
    const account = 'audit-engine@demo-mesh.iam.gserviceaccount.com';
    expect(where(`actor=${account}`)).toEqual([['actor.account', '==', account]]);
  });

  it('is bounded in time to the minute, so that it stays one query', () => {
    expect(where('since=hour')).toEqual([['time', '>=', new Date('2026-11-28T07:00:00Z')]]);
    expect(where('from=2026-11-28T07:00:00Z&to=2026-11-28T07:30:00Z&target=controls/trading')).toEqual([
      ['target', '==', 'controls/trading'],
      ['time', '>=', new Date('2026-11-28T07:00:00Z')],
      ['time', '<=', new Date('2026-11-28T07:30:00Z')],
    ]);
  });
});
