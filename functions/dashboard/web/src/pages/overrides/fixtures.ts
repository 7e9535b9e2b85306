import type { Override } from '../../documents/override';

/** An override for tests, as Firestore holds one. */
export function override(given: Partial<Override & { id: string }> = {}): Override & { id: string } {
  return {
    id: 'o1',
    change: { control: 'trading', effect: { kind: 'pause' }, scope: { kind: 'global' }, reason: 'the exchange answers nonsense' },
    hash: '6f05',
    requested_by: { kind: 'person', uid: 'oscar', email: 'oscar@meridian.example' },
    requested_at: '2026-11-28T07:00:00Z',
    state: 'requested',
    approvals_needed: 1,
    approvals: [],
    ...given,
  };
}
