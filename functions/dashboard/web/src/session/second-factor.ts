import { multiFactor, TotpMultiFactorGenerator, type User } from '@firebase/auth';
import { session } from './session.svelte';

/** An app that makes codes, which this account asks for when somebody signs in. */
export interface Authenticator {
  id: string;
  name: string;
  /** ISO 8601. */
  since: string;
}

/** What an app has to learn, and how to show that it did. */
export interface Enrolment {
  key: string;
  /** The same as a link, which an app reads from a picture. */
  link: string;
  finish: (code: string, name: string) => Promise<void>;
}

/** Why a second factor could not be changed. */
export type FactorProblem = 'code' | 'stale' | 'unverified' | 'not-offered' | 'unreachable';

/** A second factor could not be changed. */
export class FactorError extends Error {
  override name = 'FactorError';
  constructor(readonly problem: FactorProblem) {
    super(`the second factor could not be changed: ${problem}`);
  }
}

async function user(): Promise<User> {
  const { auth } = await session.connect();
  if (!auth.currentUser) throw new FactorError('stale');
  return auth.currentUser;
}

/** The authenticators of whoever is signed in. */
export async function authenticators(): Promise<Authenticator[]> {
  const factors = multiFactor(await user()).enrolledFactors;
  return factors
    .filter((one) => one.factorId === TotpMultiFactorGenerator.FACTOR_ID)
    .map((one) => ({ id: one.uid, name: one.displayName ?? '', since: new Date(one.enrollmentTime).toISOString() }));
}

/** Begins to enrol an authenticator; nothing is changed before `finish`. */
export const enrol = (): Promise<Enrolment> =>
  attempt(async () => {
    const who = await user();
    const secret = await TotpMultiFactorGenerator.generateSecret(await multiFactor(who).getSession());
    return {
      key: secret.secretKey,
      link: secret.generateQrCodeUrl(who.email ?? who.uid, 'Mesh'),
      finish: (code, name) =>
        attempt(async () => {
          await multiFactor(who).enroll(TotpMultiFactorGenerator.assertionForEnrollment(secret, code), name);
          session.takeToken(await who.getIdTokenResult(true));
        }),
    };
  });

export const remove = (authenticator: string): Promise<void> =>
  attempt(async () => multiFactor(await user()).unenroll(authenticator));

async function attempt<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof FactorError ? error : new FactorError(factorProblemOf(error));
  }
}

/** What a code of Firebase Authentication comes down to for who changes a second factor. */
export function factorProblemOf(error: unknown): FactorProblem {
  const code = (error as { code?: string }).code ?? '';
  if (code === 'auth/invalid-verification-code' || code === 'auth/code-expired') return 'code';
  if (code === 'auth/requires-recent-login' || code === 'auth/user-token-expired') return 'stale';
  if (code === 'auth/unverified-email') return 'unverified';
  if (code === 'auth/network-request-failed' || code === 'auth/too-many-requests') return 'unreachable';
  return 'not-offered';
}
