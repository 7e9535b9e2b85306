import type { FirebaseApp } from '@firebase/app';
import { connectFirestoreEmulator, initializeFirestore, memoryLocalCache, type Firestore } from '@firebase/firestore';
import type { Config } from '../config';

/** Makes a client of Firestore that keeps nothing after it is terminated. */
export function connect(app: FirebaseApp, config: Config): Firestore {
  const db = initializeFirestore(app, { localCache: memoryLocalCache() });
  if (config.emulators) {
    const { hostname, port } = new URL(config.emulators.firestore);
    connectFirestoreEmulator(db, hostname, Number(port));
  }
  return db;
}
