import type { Override } from '../../documents/override';
import { isConfirmedDaily } from './describe';
import { WAITS_MS } from './policy';
import { text } from './text';

/** What a person does about an override that is there. */
export type Action = 'approve' | 'reject' | 'withdraw' | 'confirm' | 'lift' | 'review';

/** Who looks. */
export interface Me {
  uid: string | undefined;
  can: (permission: string) => boolean;
}

const PERMISSIONS: Record<Action, string> = {
  approve: 'overrides.approve',
  reject: 'overrides.approve',
  withdraw: 'overrides.request',
  confirm: 'overrides.approve',
  lift: 'overrides.lift',
  review: 'overrides.review',
};

/** What needs a sign-in at most five minutes old. */
export const GRAVE: ReadonlySet<Action> = new Set<Action>(['approve', 'confirm']);

export const isMine = (override: Override, uid: string | undefined): boolean =>
  override.requested_by.kind === 'person' && override.requested_by.uid === uid;

/** Until when a request waits for consent. */
export const lapsesAt = (override: Override): string => new Date(Date.parse(override.requested_at) + WAITS_MS).toISOString();

export const needsReview = (override: Override): boolean => Boolean(override.review && !override.review.done);

/** The actions that an override as it stands has for a person at all, with why one of them may not. */
export function actions(override: Override, me: Me, now: number, why: (permission: string) => string): [Action, string | undefined][] {
  return of(override, me).map((action) => {
    const permission = PERMISSIONS[action];
    return [action, me.can(permission) ? refusal(action, override, me.uid, now) : why(permission)];
  });
}

function of(override: Override, me: Me): Action[] {
  const found: Action[] = [];
  if (override.state === 'requested') found.push('approve', isMine(override, me.uid) ? 'withdraw' : 'reject');
  if (override.state === 'active') {
    if (isConfirmedDaily(override.change)) found.push('confirm');
    found.push('lift');
  }
  if (needsReview(override)) found.push('review');
  return found;
}

/** Why an action is refused to a person who has its permission: as the model decides it, told before it is tried. */
export function refusal(action: Action, override: Override, uid: string | undefined, now: number): string | undefined {
  const mine = isMine(override, uid);
  if (action === 'review') {
    if (!needsReview(override)) return text.refusals.moved(stateWord(override));
    return mine ? text.refusals.ownReview : undefined;
  }
  const wants = action === 'lift' || action === 'confirm' ? 'active' : 'requested';
  if (override.state !== wants) return text.refusals.moved(stateWord(override));
  if (action === 'lift') return override.lift ? text.refusals.lifting : undefined;
  if (action === 'confirm') return undefined;
  if (now >= Date.parse(lapsesAt(override))) return text.refusals.lapsed;
  if (action === 'withdraw') return undefined;
  if (mine) return action === 'approve' ? text.refusals.own : text.refusals.ownReject;
  const agreed = override.approvals?.some((approval) => approval.by === uid);
  return action === 'approve' && agreed ? text.refusals.agreed : undefined;
}

const stateWord = (override: Override): string => text.override.state[override.state].toLowerCase();

/** Whether it waits for this person, rather than for others. */
export const waitsFor = (override: Override, me: Me, now: number): boolean =>
  (override.state === 'requested' && me.can('overrides.approve') && refusal('approve', override, me.uid, now) === undefined) ||
  (needsReview(override) && me.can('overrides.review') && !isMine(override, me.uid));
