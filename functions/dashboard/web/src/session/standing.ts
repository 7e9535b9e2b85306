import type { Person } from '../access/person';
import type { Refusal } from './session.svelte';

/** The time of a sign-in as the token tells it, in milliseconds. */
export const signedInAt = (authTime: string): number => Date.parse(authTime);

/** Why a person is not let in, if they are not. The order is that of `User::decide`: state, then session. */
export function refusalOf(person: Person | undefined, signedIn: number): Refusal | undefined {
  if (!person) return 'unknown';
  if (person.state === 'disabled') return 'disabled';
  if (person.state === 'invited') return 'invited';
  return signedIn < Date.parse(person.sessions_since) ? 'ended' : undefined;
}

/** What is asked of the freshness of a sign-in before something grave. */
export const FRESH_MS = 5 * 60_000;

/** A sign-in counts as fresh somewhat shorter than the API believes it: what is begun must also arrive. */
const MARGIN_MS = 20_000;

/** Whether the person has to show their password again before something grave. */
export const isStale = (signedIn: number, now: number): boolean => now - signedIn > FRESH_MS - MARGIN_MS;
