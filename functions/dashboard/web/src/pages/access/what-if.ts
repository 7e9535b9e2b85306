import { ROLES, type Role } from '../../access/person';

export interface WhatIfChange {
  person: string;
  role: Role;
  change: 'give' | 'take';
}

/** As many as the API takes at once. */
const CHANGES_MAX = 100;

/** Changes as they stand in an address: `+auditor:oscar,-operator:oscar`. */
export const toText = (changes: readonly WhatIfChange[]): string =>
  changes.map(({ person, role, change }) => `${change === 'give' ? '+' : '-'}${role}:${person}`).join(',');

/** Reads changes from an address, and leaves out what is none. */
export const fromText = (words: string): WhatIfChange[] =>
  words
    .split(',')
    .flatMap((word): WhatIfChange[] => {
      const [, sign, name, person] = /^([+-])([a-z]+):(.+)$/.exec(word) ?? [];
      const role = ROLES.find((one) => one === name);
      return role && person ? [{ person, role, change: sign === '+' ? 'give' : 'take' }] : [];
    })
    .slice(0, CHANGES_MAX);
