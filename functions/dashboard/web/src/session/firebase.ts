import { initializeApp, type FirebaseApp } from '@firebase/app';
import {
  browserLocalPersistence,
  connectAuthEmulator,
  indexedDBLocalPersistence,
  initializeAuth,
  type Auth,
} from '@firebase/auth';
import type { Config } from '../config';

export interface Firebase {
  app: FirebaseApp;
  auth: Auth;
}

/** Makes the app and its authentication, without the parts that only signing in with a window needs. */
export function initialize(config: Config): Firebase {
  const app = initializeApp({ projectId: config.project, apiKey: config.apiKey, authDomain: config.authDomain });
  const auth = initializeAuth(app, { persistence: [indexedDBLocalPersistence, browserLocalPersistence] });
  if (config.emulators) connectAuthEmulator(auth, config.emulators.auth, { disableWarnings: true });
  return { app, auth };
}


export { onAuthStateChanged } from '@firebase/auth';
