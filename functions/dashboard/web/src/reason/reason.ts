import { text } from './text';

/** As the API bounds reasons, in characters. */
export const REASON_MIN = 3;
export const REASON_MAX = 500;

/** Whether a reason is long enough; the journal is read by somebody who was not there. */
export const isReason = (reason: string): boolean => [...reason.trim()].length >= REASON_MIN;

/** What is wrong with a reason, in words. */
export const reasonError = (reason: string): string | undefined => (isReason(reason) ? undefined : text.short);
