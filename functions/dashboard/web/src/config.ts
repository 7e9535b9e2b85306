/** What the server says of the place where the page runs: `/config.json`. */
export interface Config {
  project: string;
  apiKey: string;
  authDomain: string;
  /** Where the API begins, such as `/api/v1`. */
  api: string;
  /** The emulators of a local stack; `null` where there are none. */
  emulators: { auth: string; firestore: string } | null;
  version: string;
  environment: string;
}

/** The configuration is not what it should be; the message says which member. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

const TEXTS = ['project', 'apiKey', 'authDomain', 'api', 'version', 'environment'] as const;

/** Reads a configuration, or says what is wrong with it. */
export function parseConfig(value: unknown): Config {
  if (typeof value !== 'object' || value === null) throw new ConfigError('the configuration is not an object');
  const given = value as Record<string, unknown>;
  for (const name of TEXTS) {
    if (typeof given[name] !== 'string' || given[name] === '') {
      throw new ConfigError(`the configuration lacks \`${name}\``);
    }
  }
  const emulators = given['emulators'] as Config['emulators'] | undefined;
  if (emulators != null) {
    for (const name of ['auth', 'firestore'] as const) {
      if (!URL.canParse(emulators[name])) throw new ConfigError(`\`emulators.${name}\` is not an address`);
    }
  }
  return { ...(given as unknown as Config), emulators: emulators ?? null };
}

/** Asks the server for the configuration. */
export async function loadConfig(): Promise<Config> {
  const answer = await fetch('/config.json', { cache: 'no-cache' });
  if (!answer.ok) throw new ConfigError(`the server answered ${answer.status} for the configuration`);
  return parseConfig(await answer.json());
}
