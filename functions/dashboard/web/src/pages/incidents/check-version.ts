import { ask } from '../../api/client';
import { Problem } from '../../api/problem';
import type { Check } from '../../documents/check';
import type { CheckSpec } from './draft';

/** A version of a check, and what the API calls it. */
export interface Version {
  spec: CheckSpec;
  etag: string;
  changedAt: string;
}

/** How often a check may run while it is changed, before that is told. */
const TRIES_MAX = 4;

const address = (id: string): string => `/checks/${encodeURIComponent(id)}`;

export async function readCheck(id: string): Promise<Version> {
  const { body, etag = '' } = await ask<Check>(address(id));
  return { spec: body.spec, etag, changedAt: body.changed_at };
}

/**
 * Changes a check that was seen. Gives the other version when somebody changed meanwhile what is looked at; what it came
 * to when it ran is no such change, though it makes another version of the document.
 */
export async function changeCheck(id: string, seen: Version, change: { method: 'PUT' | 'DELETE'; body?: CheckSpec }): Promise<Version | undefined> {
  let version = seen;
  for (let tries = 1; ; tries += 1) {
    try {
      await ask(address(id), { ...change, version: version.etag });
      return undefined;
    } catch (error) {
      if (!(error instanceof Problem) || !error.conflict || tries >= TRIES_MAX) throw error;
      version = await readCheck(id);
      if (version.changedAt !== seen.changedAt) return version;
    }
  }
}
