import type { IdTokenResult } from '@firebase/auth';
import { session } from './session.svelte';

/** The session that this browser has, as its ID token tells it; instants are ISO 8601. */
export interface ThisSession {
  /** When the person last showed who they are. */
  since: string;
  with: 'password' | 'google' | 'other';
  secondFactor: boolean;
  /** When the token ends that the page acts with; it is renewed before. */
  tokenUntil: string;
}

type Told = Pick<IdTokenResult, 'authTime' | 'expirationTime' | 'signInProvider' | 'signInSecondFactor'>;

const WITH: Record<string, ThisSession['with']> = { password: 'password', 'google.com': 'google' };

/** Reads a session from what a token says. */
export const sessionOf = (told: Told): ThisSession => ({
  since: new Date(told.authTime).toISOString(),
  with: WITH[told.signInProvider ?? ''] ?? 'other',
  secondFactor: told.signInSecondFactor !== null && told.signInSecondFactor !== undefined,
  tokenUntil: new Date(told.expirationTime).toISOString(),
});

/** The session of this browser; nothing when it ended meanwhile. */
export async function thisSession(): Promise<ThisSession | undefined> {
  const { auth } = await session.connect();
  const told = await auth.currentUser?.getIdTokenResult();
  return told && sessionOf(told);
}
