import type { Override } from '../../documents/override';

/**
 * The hash of exactly what is shown, as `Change::hash` makes it: the id, the change with its members in the order of
 * their names, and who asked. Whoever approves need not believe the hash that stands beside the change.
 */
export async function hashOf(id: string, override: Pick<Override, 'change' | 'requested_by'>): Promise<string> {
  const by = override.requested_by;
  const actor = by.kind === 'person' ? `person:${by.uid}` : `service:${by.account}`;
  const parts = JSON.stringify([id, sorted(override.change), actor]);
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(parts));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== undefined && member !== null);
  members.sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, sorted(member)]));
}

/** `6f057351…84200368`: enough to compare by eye. */
export const short = (hash: string): string => (hash.length > 18 ? `${hash.slice(0, 8)}…${hash.slice(-8)}` : hash);
