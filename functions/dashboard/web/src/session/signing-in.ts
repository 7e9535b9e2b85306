import {
  browserPopupRedirectResolver,
  EmailAuthProvider,
  getMultiFactorResolver,
  GoogleAuthProvider,
  reauthenticateWithCredential,
  reauthenticateWithPopup,
  sendPasswordResetEmail,
  signInWithEmailAndPassword,
  signInWithPopup,
  TotpMultiFactorGenerator,
  type Auth,
  type MultiFactorError,
  type MultiFactorResolver,
  type User,
} from '@firebase/auth';
import { session } from './session.svelte';
import { allowScriptOfGoogle } from './trusted';

/** What came of a try to sign in. */
export type Outcome = { done: true } | { secondFactor: SecondFactor } | { problem: Problem };

/** Why it did not work. Whether an address is known is told to nobody. */
export type Problem = 'wrong' | 'too-many' | 'unreachable' | 'closed' | 'code';

/** Finishes a sign-in with the code of an authenticator. */
export type SecondFactor = (code: string) => Promise<Outcome>;

export const signIn = (email: string, password: string): Promise<Outcome> =>
  attempt((auth) => signInWithEmailAndPassword(auth, email, password));

export const signInWithGoogle = (): Promise<Outcome> =>
  attempt((auth) => {
    allowScriptOfGoogle();
    return signInWithPopup(auth, new GoogleAuthProvider(), browserPopupRedirectResolver);
  });

/** How the person who is signed in can show that it is them: with a password, or else with Google. */
export async function shows(): Promise<'password' | 'google'> {
  const { auth } = await session.connect();
  const providers = auth.currentUser?.providerData.map((one) => one.providerId) ?? [];
  return providers.includes(GoogleAuthProvider.PROVIDER_ID) && !providers.includes(EmailAuthProvider.PROVIDER_ID)
    ? 'google'
    : 'password';
}

/** Shows the password again, so that the sign-in is fresh for what is grave. */
export const reauthenticate = (password: string): Promise<Outcome> =>
  freshen((user, email) => reauthenticateWithCredential(user, EmailAuthProvider.credential(email, password)));

/** Signs in with Google again, for who has no password. */
export const reauthenticateWithGoogle = (): Promise<Outcome> =>
  freshen((user, email) => {
    allowScriptOfGoogle();
    const provider = new GoogleAuthProvider().setCustomParameters({ login_hint: email, prompt: 'login' });
    return reauthenticateWithPopup(user, provider, browserPopupRedirectResolver);
  });

async function freshen(run: (user: User, email: string) => Promise<unknown>): Promise<Outcome> {
  const user = (await session.connect()).auth.currentUser;
  if (!user?.email) return { problem: 'wrong' };
  const { email } = user;
  return refreshed(await attempt(() => run(user, email)), user);
}

/** Takes over when the person signed in again, also when that took a second factor. */
async function refreshed(outcome: Outcome, user: User): Promise<Outcome> {
  if ('done' in outcome) session.takeToken(await user.getIdTokenResult(true));
  if (!('secondFactor' in outcome)) return outcome;
  const { secondFactor: finish } = outcome;
  return { secondFactor: async (code) => refreshed(await finish(code), user) };
}

/** Sends a link to set a new password. Nobody learns whether there is such an account. */
export async function sendReset(email: string): Promise<Problem | undefined> {
  try {
    const { auth } = await session.connect();
    await sendPasswordResetEmail(auth, email);
    return undefined;
  } catch (error) {
    const problem = problemOf(error);
    return problem === 'wrong' ? undefined : problem;
  }
}

async function attempt(run: (auth: Auth) => Promise<unknown>): Promise<Outcome> {
  const { auth } = await session.connect();
  try {
    await run(auth);
    return { done: true };
  } catch (error) {
    if ((error as { code?: string }).code === 'auth/multi-factor-auth-required') {
      return { secondFactor: secondFactor(getMultiFactorResolver(auth, error as MultiFactorError)) };
    }
    return { problem: problemOf(error) };
  }
}

function secondFactor(resolver: MultiFactorResolver): SecondFactor {
  const hint = resolver.hints.find((one) => one.factorId === TotpMultiFactorGenerator.FACTOR_ID);
  return (code) =>
    hint
      ? attempt(() => resolver.resolveSignIn(TotpMultiFactorGenerator.assertionForSignIn(hint.uid, code)))
      : Promise.resolve({ problem: 'code' });
}

/** What a code of Firebase Authentication comes down to for the person. */
export function problemOf(error: unknown): Problem {
  const code = (error as { code?: string }).code ?? '';
  if (code === 'auth/too-many-requests') return 'too-many';
  if (code === 'auth/network-request-failed' || code === 'auth/internal-error') return 'unreachable';
  if (code === 'auth/popup-closed-by-user' || code === 'auth/cancelled-popup-request') return 'closed';
  if (code === 'auth/invalid-verification-code' || code === 'auth/code-expired') return 'code';
  return 'wrong';
}
