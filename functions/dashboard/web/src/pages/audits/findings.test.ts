import { describe, expect, it } from 'vitest';
import { fromQuery } from '../../ui/filters';
import { facets, filtered, shortName, shortType, toCsv, type Row } from './findings';

const row = (id: string, more: Partial<Row> = {}): Row => ({
  id,
  control: 'GCS-02',
  title: 'Buckets have uniform access',
  severity: 'high',
  asset: 'a',
  asset_name: '//storage.googleapis.com/invoices',
  asset_type: 'storage.googleapis.com/Bucket',
  owner: null,
  state: 'open',
  evidence: 'uniform access is off',
  first_seen: '2026-11-23T12:00:00Z',
  opened_at: '2026-11-23T12:00:00Z',
  times_opened: 1,
  last_seen: '2026-11-23T12:00:00Z',
  ...more,
});
const rows = [row('1'), row('2', { state: 'resolved', severity: 'critical' }), row('3', { control: 'IAM-01', owner: 'team-a' })];

describe('filters', () => {
  const check = (query: string, search: string, expected: string[]): void => {
    const given = new URLSearchParams(query);
    expect(filtered(rows, fromQuery(given, facets(rows, given)), search).map(({ id }) => id)).toEqual(expected);
  };
  it('are none in an empty address', () => check('', '', ['1', '2', '3']));
  it('widen within a facet and narrow across', () => {
    check('state=open&state=resolved', '', ['1', '2', '3']);
    check('state=open&control=IAM-01', '', ['3']);
  });
  it('find who answers for nothing', () => check('owner=-', '', ['1', '2']));
  it('that match nothing stay in force', () => check('control=NO-01', '', []));
  it('look for words in names and evidence', () => check('state=open', ' INVOICES ', ['1', '3']));
});

it('severities are offered from the worst on', () =>
  expect(facets(rows, new URLSearchParams()).find(({ key }) => key === 'severity')?.options.map(({ value }) => value)).toEqual([
    'critical',
    'high',
  ]));

it('a spreadsheet gets what it can read and nothing that it would run', () => {
  const lines = toCsv([row('1', { evidence: '=cmd("x"), "y"', title: 'a\nb' })]).split('\r\n');
  expect(lines[0]).toMatch(/^id,control,title,/);
  expect(lines[1]).toContain(`"'=cmd(""x""), ""y"""`);
  expect(lines[1]).toContain('"a\nb"');
  expect(lines).toHaveLength(3);
});

it('names are short where they stand in a list', () => {
  expect(shortName('//storage.googleapis.com/invoices')).toBe('invoices');
  expect(shortType('storage.googleapis.com/Bucket')).toBe('storage Bucket');
});
