import type { Exception, Finding } from './documents';
import { DAY_MS, expires, isOwn, stateAt } from './exception-state';
import { text } from './text';

export type ExceptionAction = 'approve' | 'reject' | 'withdraw' | 'revoke';

export interface Offer {
  action: ExceptionAction;
  refusal?: string;
}

export const DAYS_MAX = 365;

/** What can be done with an exception, and why somebody may not. */
export function offers(exception: Exception, me: string | undefined, can: (permission: string) => boolean, now: number): Offer[] {
  const own = isOwn(exception, me);
  const needs = (permission: string): { refusal?: string } => (can(permission) ? {} : { refusal: text.needs(permission) });
  switch (stateAt(exception, now)) {
    case 'requested':
      if (own)
        return [
          ...(can('exceptions.approve') ? [{ action: 'approve' as const, refusal: text.exceptions.own }] : []),
          { action: 'withdraw', ...needs('exceptions.request') },
        ];
      return [
        { action: 'approve', ...needs('exceptions.approve') },
        { action: 'reject', ...needs('exceptions.approve') },
      ];
    case 'approved':
      return [{ action: 'revoke', ...needs('exceptions.revoke') }];
    default:
      return [];
  }
}

export const SHOWN = ['all', 'requested', 'approved', 'expiring', 'over'] as const;
export type Shown = (typeof SHOWN)[number];

/** The exceptions that a choice shows. */
export function shown<E extends Exception>(exceptions: readonly E[], which: Shown, now: number): E[] {
  return exceptions.filter((exception) => {
    const state = stateAt(exception, now);
    if (which === 'all') return true;
    if (which === 'expiring') return expires(exception, now);
    if (which === 'over') return state !== 'requested' && state !== 'approved';
    return state === which;
  });
}

/** The end of a day that somebody chose, in their own zone; nothing for what is no day or out of bounds. */
export function endOf(day: string, now: number): string | undefined {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return undefined;
  const end = new Date(`${day}T23:59:59`).getTime();
  // A year, less the hours that lie between the bound and the end of its day.
  if (Number.isNaN(end) || end - now < DAY_MS / 2 || end - now > DAYS_MAX * DAY_MS) return undefined;
  return new Date(end).toISOString();
}

/** Whether a full resource name has its host before any star, as the API demands. */
export const isPattern = (assets: string): boolean => /^\/\/[^/*]+\//.test(assets);

/** Whether a pattern covers an asset; `*` stands for any characters. */
export function covers(pattern: string, asset: string): boolean {
  const escaped = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`, 's').test(asset);
}

/** The findings that an exception is about. */
export const concerned = <F extends Finding>(exception: Exception, findings: readonly F[]): F[] =>
  findings.filter((finding) => finding.control === exception.control && covers(exception.assets, finding.asset_name));
