import { describe, expect, it } from 'vitest';
import type { Audit } from '../../documents/audit';
import type { Incident } from '../../documents/incident';
import type { JournalRecord } from '../../documents/journal';
import type { Override } from '../../documents/override';
import type { Stored } from '../../live/live.svelte';
import { ofDocuments, ofJournal } from './happened';

const record = (id: string, action: string, correlation: string): Stored<JournalRecord> =>
  ({ id, action, correlation, target: `findings/${id}`, time: '', actor: { kind: 'service', account: 'engine@x.iam' } }) as unknown as Stored<JournalRecord>;

describe('the newest changes', () => {
  it('are one line where one cause changed many documents', () => {
    const lines = ofJournal([record('1', 'seen', 'a'), record('2', 'seen', 'a'), record('3', 'opened', 'a'), record('4', 'seen', 'b')], 2);
    expect(lines.map(({ what, about }) => `${what} ${about}`)).toEqual(['seen engine · 2 documents', 'opened engine · findings/3']);
  });
  it('are told by the documents to those who may not read the journal', () => {
    const incidents = [{ id: 'i', title: 'Shop', opened_at: '2026-11-23T10:00:00Z', resolved_at: '2026-11-23T12:00:00Z' }];
    const overrides = [
      { id: 'o', state: 'active', requested_at: '2026-11-23T11:00:00Z', activated_at: '2026-11-23T11:30:00.5Z', change: { control: 'sales', effect: { kind: 'pause' } } },
    ];
    const audits = [{ id: 'a', as_of: '2026-11-23T11:30:00Z', score: 8157 }];
    const lines = ofDocuments(
      incidents as unknown as Stored<Incident>[],
      overrides as unknown as Stored<Override>[],
      audits as unknown as Stored<Audit>[],
      4,
    );
    expect(lines.map(({ what, href }) => `${what} ${href}`)).toEqual([
      'Incident resolved /incidents/i',
      'Override active /overrides/o',
      'Audit completed /audits/runs/a',
      'Override requested /overrides/o',
    ]);
  });
});
