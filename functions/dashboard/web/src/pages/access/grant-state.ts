import type { Grant } from './grants';

/* What elevations are, without any words: other pages know it too. */

const REQUEST_HOURS = 24;
const HOUR_MS = 3_600_000;

/** The state at an instant: an elevation ends by its time alone, before anybody writes it down. */
export function stateAt(grant: Grant, now: number): Grant['state'] {
  if (grant.state === 'active' && grant.expires_at && Date.parse(grant.expires_at) <= now) return 'expired';
  if (grant.state === 'requested' && Date.parse(grant.requested_at) + REQUEST_HOURS * HOUR_MS <= now) return 'withdrawn';
  return grant.state;
}

/** Whether it waits for the consent of this person: nobody agrees to what they ask for themselves. */
export const waitsFor = (grant: Grant, me: string | undefined, can: (permission: string) => boolean, now: number): boolean =>
  stateAt(grant, now) === 'requested' && grant.person !== me && can('grants.approve');
