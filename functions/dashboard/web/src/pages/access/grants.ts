import type { Schema } from '../../api/types';
import type { Role } from '../../access/person';
import { stateAt } from './grant-state';
import { text } from './text';

/** An elevation as `grants/{grant}` holds it. */
export interface Grant {
  person: string;
  role: Role;
  minutes: number;
  reason: string;
  state: Schema<'GrantState'>;
  requested_at: string;
  decided_by?: string | null;
  started_at?: string | null;
  expires_at?: string | null;
  extended: boolean;
  break_glass: boolean;
}

export type GrantAction = 'approve' | 'reject' | 'withdraw' | 'extend' | 'revoke';

/** An action, and why this person may not take it now. */
export interface Offer {
  action: GrantAction;
  refusal?: string;
}

/** What can be done with an elevation, by whom it is looked at. What is never theirs to do is left out. */
export function offers(grant: Grant, me: string | undefined, can: (permission: string) => boolean, now: number): Offer[] {
  const own = grant.person === me;
  const { refusals } = text.elevations;
  const decide = (action: GrantAction, permission: string): Offer[] => {
    if (own) return can(permission) ? [{ action, refusal: refusals.own }] : [];
    return can(permission) ? [{ action }] : [{ action, refusal: refusals.needs(permission) }];
  };
  switch (stateAt(grant, now)) {
    case 'requested':
      return own ? [{ action: 'withdraw' }] : [...decide('approve', 'grants.approve'), ...decide('reject', 'grants.approve')];
    case 'active': {
      const extend = grant.extended ? [{ action: 'extend' as const, refusal: refusals.once }] : decide('extend', 'grants.approve');
      return [...extend, ...(own ? [{ action: 'revoke' as const }] : decide('revoke', 'grants.revoke'))];
    }
    default:
      return [];
  }
}

/** The three lists of the page, each newest first as they come. */
export function grouped<G extends Grant>(grants: readonly G[], now: number): { waiting: G[]; active: G[]; past: G[] } {
  const of = (state: Grant['state']): G[] => grants.filter((grant) => stateAt(grant, now) === state);
  const waiting = of('requested');
  const active = of('active');
  return { waiting, active, past: grants.filter((grant) => !waiting.includes(grant) && !active.includes(grant)) };
}

/** The bounds of a request, in minutes, as the API has them. */
export const MINUTES_LEAST = 15;
export const MINUTES_MOST = 480;

/** When it ended, if it did and that is known. */
export const endedAt = (grant: Grant): string | undefined =>
  grant.state === 'active' || grant.state === 'requested' ? undefined : (grant.expires_at ?? undefined);
