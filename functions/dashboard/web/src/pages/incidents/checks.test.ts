import { describe, expect, it } from 'vitest';
import { Problem } from '../../api/problem';
import { chartOf, filteredChecks, fromLocal, newWindow, sparkValues, toLocal, windowState, type CheckRow, type Result } from './checks';
import { blank, draftOf, mistakes, specOf, turned, type CheckSpec } from './draft';
import { errorsOf } from './field-errors';
import { KINDS, settingsOf, type Kind } from './kinds';
import { merge, same } from './merging';
import { text } from './text';

const kinds = Object.keys(KINDS) as Kind[];
const shop: CheckSpec = {
  name: 'Shop',
  probe: { kind: 'http', url: 'https://shop.example/', method: 'GET', statuses: [200, 204], redirects_max: 1 },
  service: 'shop',
  interval_seconds: 30,
  timeout_seconds: 5,
  fire_after: 2,
  clear_after: 2,
  severity: 'p1',
  enabled: true,
  maintenance: [{ from: '2026-11-23T12:00:00Z', until: '2026-11-23T13:00:00Z', reason: 'a disk' }],
};

describe('a form', () => {
  it('gives back the check that it was filled with', () => expect(specOf(draftOf(shop))).toEqual(shop));
  it('gives back a check of every kind', () => {
    const probes: CheckSpec['probe'][] = [
      { kind: 'tcp', host: 'a', port: 1 },
      { kind: 'grpc', host: 'a', port: 1, service: 's', tls: true },
      { kind: 'dns', name: 'a.example', record: 'MX', expect: ['10 a', 'b'], server: '1.1.1.1:53' },
      { kind: 'tls', host: 'a', port: 443, degraded_days: [30, 14], bad_days: 7 },
      { kind: 'heartbeat', period_seconds: 60, grace_seconds: 5 },
      { kind: 'pubsub', subscription: 'a.b', age_max_seconds: 60, backlog_max: 10 },
      { kind: 'dead_letters', depth_max: 0, function: 'audit-engine' },
      { kind: 'firestore_lag', lag_max_ms: 500 },
      { kind: 'schedule', schedule: 'audit-engine.nightly', age_max_seconds: 90_000 },
      { kind: 'slo', of: 'shop', target_ppm: 999_500 },
      { kind: 'staleness', document: 'a/b', field: 'at', age_max_seconds: 1 },
    ];
    for (const probe of probes) expect(specOf(draftOf({ ...shop, probe })).probe).toEqual(probe);
    expect(new Set(['http', ...probes.map(({ kind }) => kind)])).toEqual(new Set(kinds));
  });
  it('names every setting of every kind', () => {
    for (const kind of kinds) for (const { path } of settingsOf(kind)) expect(text.form.fields[path]?.title, path).toBeTruthy();
  });
  it('leaves out what is empty', () => {
    const draft = blank('http');
    draft.settings['name'] = ' Shop ';
    expect(specOf(draft)).toMatchObject({ name: 'Shop', probe: { kind: 'http', method: 'GET', redirects_max: 0 }, enabled: true });
    expect(specOf(draft).service).toBeUndefined();
    expect((specOf(draft).probe as { header?: unknown }).header).toBeUndefined();
  });
  it('says what is missing or too much before it is sent', () => {
    expect(Object.keys(mistakes(blank('tcp')))).toEqual(['name', 'probe.host', 'probe.port']);
    const draft = turned(draftOf(shop), 'tls');
    expect(draft.settings['name']).toBe('Shop');
    Object.assign(draft.settings, { 'probe.host': 'a', 'probe.port': '65536', 'probe.degraded_days': '30, 0', timeout_seconds: '1.5' });
    expect(Object.keys(mistakes(draft))).toEqual(['probe.port', 'probe.degraded_days', 'timeout_seconds']);
    Object.assign(draft.settings, { 'probe.port': '65535', 'probe.degraded_days': '1', timeout_seconds: '30' });
    expect(mistakes(draft)).toEqual({});
  });
  it('takes a share from 50 % to just below all', () => {
    const share = (written: string) => mistakes({ ...blank('slo'), settings: { ...blank('slo').settings, 'probe.target_ppm': written } })['probe.target_ppm'];
    expect([share('50'), share('99.9999')]).toEqual([undefined, undefined]);
    expect(share('49.9999') && share('100') && share('much')).toBeTruthy();
  });
});

describe('what the API finds wrong', () => {
  it('stands beside the setting', () => {
    const fields = [
      { field: 'spec.probe[0].host', message: 'empty' },
      { field: 'spec.name', message: 'long' },
      { field: 'maintenance[0].until', message: 'early' },
      { field: 'check', message: 'taken' },
    ];
    expect(errorsOf(new Problem(422, '', undefined, '', undefined, fields, undefined))).toEqual({
      'probe.host': 'empty',
      name: 'long',
      'maintenance[0].until': 'early',
      check: 'taken',
    });
    expect(errorsOf(undefined)).toEqual({});
  });
});

describe('two people', () => {
  const base = draftOf(shop);
  const mine = draftOf({ ...shop, name: 'The shop', interval_seconds: 60 });
  const theirs = draftOf({ ...shop, interval_seconds: 90, severity: 'p2' });
  it('keep what each of them changed', () => {
    const { draft, taken, both } = merge(base, mine, theirs);
    expect(specOf(draft)).toMatchObject({ name: 'The shop', severity: 'p2', interval_seconds: 60 });
    expect([taken, both]).toEqual([['severity'], ['interval_seconds']]);
  });
  it('agree where they changed the same to the same', () => {
    expect(merge(base, mine, mine)).toEqual({ draft: mine, taken: [], both: [] });
  });
  it('keep windows and kinds whole', () => {
    const other = draftOf({ ...shop, maintenance: [], probe: { kind: 'tcp', host: 'a', port: 1 } });
    const { draft, taken } = merge(base, base, other);
    expect(same(draft, other)).toBe(true);
    expect(specOf(draft)).toEqual(specOf(other));
    expect(taken).toContain('maintenance');
  });
  it('changed nothing if only what is empty differs', () => {
    expect(same(base, { ...base, settings: { ...base.settings, 'probe.host': ' ' } })).toBe(true);
    expect(same(base, mine)).toBe(false);
  });
});

describe('results', () => {
  const result = (tick: string, passed = true): Result => ({ tick: `2026-11-23T${tick}Z` as never, passed, verdict: passed ? 'good' : 'bad', latency_ms: 5 });
  it('have a gap where they failed', () => {
    expect(sparkValues([result('12:01:00', false), result('12:00:00')])).toEqual([5, null]);
  });
  it('have a gap where nobody looked, and none where like results were left out', () => {
    const { times, series } = chartOf([result('13:00:00', false), result('12:17:00'), result('12:00:00')], 60);
    const from = Date.parse('2026-11-23T12:00:00Z') / 1000;
    expect(times.map((time) => time - from)).toEqual([0, 1020, 1020 + 1020, 3600]);
    expect(series.map(({ values }) => values)).toEqual([
      [5, 5, null, null],
      [null, null, null, 5],
    ]);
  });
  it('are nothing when there are none', () => expect(chartOf([], 60).times).toEqual([]));
});

describe('a window', () => {
  const window = { from: '2026-11-23T12:00:00Z', until: '2026-11-23T13:00:00Z' };
  it('holds its first instant and not its last', () => {
    const state = (time: string) => windowState(window, Date.parse(`2026-11-23T${time}Z`));
    expect(['11:59:59', '12:00:00', '12:59:59', '13:00:00'].map(state)).toEqual(['coming', 'on', 'on', 'over']);
  });
  it('begins at the next quarter, for an hour', () => {
    expect(newWindow(Date.parse('2026-11-23T12:01:00Z'))).toMatchObject({ from: '2026-11-23T12:15:00.000Z', until: '2026-11-23T13:15:00.000Z' });
  });
  it('goes through a field for date and time', () => {
    expect(fromLocal(toLocal('2026-11-23T12:15:00.000Z'))).toBe('2026-11-23T12:15:00.000Z');
    expect([toLocal('no'), fromLocal('')]).toEqual(['', '']);
  });
});

describe('checks', () => {
  const rows = [{ id: 'a', spec: shop, state: 'up', detail: 'answered' }, { id: 'b', spec: { ...shop, name: 'Blog', probe: { kind: 'tcp', host: 'a', port: 1 } } }] as unknown as CheckRow[];
  it('are filtered by state, kind and words', () => {
    const ids = (filter: Record<string, string[]>, search = '') => filteredChecks(rows, filter, search).map(({ id }) => id);
    expect(ids({ state: ['unknown'] })).toEqual(['b']);
    expect(ids({ kind: ['http'] })).toEqual(['a']);
    expect(ids({}, 'BLOG')).toEqual(['b']);
  });
});
