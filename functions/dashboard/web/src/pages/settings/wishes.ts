import type { Schema } from '../../api/types';

/** What a person wants to be told of, and how. */
export type Preferences = Schema<'Preferences'>;
export type Priority = Schema<'Priority'>;

/** What somebody can be told of, and ways to tell it, in the order in which they are shown. */
export const SUBJECTS = ['incidents', 'approvals', 'expiring_exceptions'] as const;
export const WAYS = ['page', 'email', 'sms'] as const;
export const PRIORITIES: readonly Priority[] = ['p1', 'p2', 'p3', 'p4'];
export type Subject = (typeof SUBJECTS)[number];
export type Way = (typeof WAYS)[number];

/** The wishes of a document alone: the API takes nothing else. */
export function wishesOf(stored: Preferences): Preferences {
  const channels = ({ page, email, sms }: Preferences[Subject]): Preferences[Subject] => ({ page, email, sms });
  return {
    incidents_from: stored.incidents_from,
    incidents: channels(stored.incidents),
    approvals: channels(stored.approvals),
    expiring_exceptions: channels(stored.expiring_exceptions),
  };
}

export const same = (one: Preferences, other: Preferences): boolean =>
  one.incidents_from === other.incidents_from && SUBJECTS.every((subject) => WAYS.every((way) => one[subject][way] === other[subject][way]));

/** The wishes with one way of telling something taken or left. */
export const told = (wishes: Preferences, subject: Subject, way: Way, wanted: boolean): Preferences => ({
  ...wishes,
  [subject]: { ...wishes[subject], [way]: wanted },
});

/** What somebody would never be told of. */
export const unheard = (wishes: Preferences): Subject[] => SUBJECTS.filter((subject) => !WAYS.some((way) => wishes[subject][way]));
