import { describe, expect, it } from 'vitest';
import type { Override } from '../../documents/override';
import type { Stored } from '../../live/live.svelte';
import type { Grant } from '../access/grants';
import type { Exception } from '../audits/documents';
import { waitingFor } from './waiting';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const by = (uid: string) => ({ kind: 'person', uid }) as const;
const override = {
  id: 'o',
  state: 'requested',
  requested_by: by('oscar'),
  requested_at: '2026-11-23T11:55:00Z',
  approvals: [],
  approvals_needed: 1,
  change: { control: 'trading', effect: { kind: 'pause' }, reason: 'r' },
} as unknown as Stored<Override>;
const grant = { id: 'g', state: 'requested', person: 'vera', role: 'operator', minutes: 60, requested_at: '2026-11-23T11:00:00Z' } as unknown as Stored<Grant>;
const exception = {
  id: 'e',
  state: 'requested',
  requested_by: by('audrey'),
  requested_at: '2026-11-23T10:00:00Z',
  until: '2026-12-01T00:00:00Z',
  control: 'IAM-01',
} as unknown as Stored<Exception>;
const asked = { overrides: [override], grants: [grant], exceptions: [exception] };
const ids = (uid: string, can: boolean): string[] => waitingFor({ uid, can: () => can }, asked, NOW).map(({ id }) => id);

describe('what waits for a person', () => {
  it('is what they may decide, that first which is over first', () => expect(ids('olivia', true)).toEqual(['o', 'e', 'g']));
  it('is nothing for those who may decide nothing', () => expect(ids('olivia', false)).toEqual([]));
  it('is never what they asked for themselves', () => {
    expect(ids('oscar', true)).toEqual(['e', 'g']);
    expect(ids('audrey', true)).toEqual(['o', 'g']);
    expect(ids('vera', true)).toEqual(['o', 'e']);
  });
});
