import type { Override } from '../../documents/override';
import type { Stored } from '../../live/live.svelte';
import { waitsFor as grantWaitsFor } from '../access/grant-state';
import type { Grant } from '../access/grants';
import type { Exception } from '../audits/documents';
import { waitsFor as exceptionWaitsFor } from '../audits/exception-state';
import { lapsesAt, needsReview, waitsFor, type Me } from '../overrides/deciding';
import { changeWords } from '../overrides/describe';
import { controlTitle } from '../overrides/policy';
import { text } from './text';

/** Something that a person has to decide. */
export interface Waiting {
  id: string;
  what: string;
  title: string;
  href: string;
  since: string;
  /** When it is over by itself, or has to be done. */
  until: string | undefined;
}

export interface Asked {
  overrides: readonly Stored<Override>[];
  grants: readonly Stored<Grant>[];
  exceptions: readonly Stored<Exception>[];
}

/** What waits for a person and not for others alone; what is over first stands first. */
export function waitingFor(me: Me, { overrides, grants, exceptions }: Asked, now: number): Waiting[] {
  const all: Waiting[] = [
    ...overrides
      .filter((one) => waitsFor(one, me, now))
      .map((one) => ({
        id: one.id,
        what: needsReview(one) ? text.waiting.review : text.waiting.override,
        title: `${changeWords(one.change)}: ${controlTitle(one.change.control)}`,
        href: `/overrides/${encodeURIComponent(one.id)}`,
        since: one.requested_at,
        until: needsReview(one) ? one.review?.due_at : lapsesAt(one),
      })),
    ...grants
      .filter((one) => grantWaitsFor(one, me.uid, me.can, now))
      .map((one) => ({
        id: one.id,
        what: text.waiting.elevation,
        title: text.waiting.role(one.role, one.minutes),
        href: '/access/elevations',
        since: one.requested_at,
        until: undefined,
      })),
    ...exceptions
      .filter((one) => exceptionWaitsFor(one, me.uid, me.can, now))
      .map((one) => ({
        id: one.id,
        what: text.waiting.exception,
        title: text.waiting.except(one.control),
        href: `/audits/exceptions/${encodeURIComponent(one.id)}`,
        since: one.requested_at,
        until: undefined,
      })),
  ];
  const end = ({ until }: Waiting): number => (until ? Date.parse(until) : Infinity);
  return all.sort((one, other) => end(one) - end(other) || Date.parse(one.since) - Date.parse(other.since));
}
