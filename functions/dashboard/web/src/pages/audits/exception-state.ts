import type { Exception } from './documents';

/* What exceptions are, without any words: other pages know it too. */

export const DAY_MS = 86_400_000;
const EXPIRING_DAYS = 7;

/** The state at an instant: an exception ends by its time alone. */
export const stateAt = (exception: Pick<Exception, 'state' | 'until'>, now: number): Exception['state'] =>
  (exception.state === 'approved' || exception.state === 'requested') && Date.parse(exception.until) <= now
    ? 'expired'
    : exception.state;

export const expires = (exception: Pick<Exception, 'state' | 'until'>, now: number): boolean =>
  stateAt(exception, now) === 'approved' && Date.parse(exception.until) - now <= EXPIRING_DAYS * DAY_MS;

/** Whether somebody asked for it themselves. */
export const isOwn = ({ requested_by: by }: Pick<Exception, 'requested_by'>, me: string | undefined): boolean =>
  by.kind === 'person' && by.uid === me;

/** Whether it waits for the consent of this person: nobody agrees to what they ask for themselves. */
export const waitsFor = (exception: Exception, me: string | undefined, can: (permission: string) => boolean, now: number): boolean =>
  stateAt(exception, now) === 'requested' && !isOwn(exception, me) && can('exceptions.approve');
