import { expect, it } from 'vitest';
import type { AuditControl } from './documents';
import { controlFacets, controlsFiltered, numbers } from './controls';

const unmapped = { cis_gcp_v4: [], cis_gcp_v5: [], iso27001_2022: [], soc2: [] };
const control = (id: string, more: Partial<AuditControl> = {}): AuditControl & { id: string } => ({
  id,
  title: 'Buckets have uniform access',
  severity: 'high',
  asset_types: [],
  rationale: '',
  remediation: '',
  mappings: { ...unmapped, cis_gcp_v5: ['5.2'], soc2: ['CC6.1', 'CC6.6'] },
  hash: '',
  ...more,
});
const all = [control('GCS-02'), control('IAM-01', { severity: 'low', title: 'Keys are few', mappings: unmapped })];
const ids = (value: object, search = ''): string[] => controlsFiltered(all, value as never, search).map(({ id }) => id);

it('numbers of a framework are one text', () => {
  expect(numbers(all[0]!, 'soc2')).toBe('CC6.1, CC6.6');
  expect(numbers(all[1]!, 'soc2')).toBe('');
});

it('controls are found by severity, framework and words, numbers included', () => {
  expect(ids({})).toEqual(['GCS-02', 'IAM-01']);
  expect(ids({ severity: ['low'] })).toEqual(['IAM-01']);
  expect(ids({ framework: ['iso27001_2022', 'cis_gcp_v5'] })).toEqual(['GCS-02']);
  expect(ids({}, 'cc6.6')).toEqual(['GCS-02']);
});

it('facets count what they would show', () =>
  expect(controlFacets(all)[1]?.options.map(({ value, count }) => [value, count])).toEqual([
    ['cis_gcp_v4', 0],
    ['cis_gcp_v5', 1],
    ['iso27001_2022', 0],
    ['soc2', 1],
  ]));
