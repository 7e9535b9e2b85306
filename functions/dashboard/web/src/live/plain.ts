/** Makes plain values of what Firestore holds: its timestamps become ISO 8601 text, as the API gives them. */
export function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  if (isTimestamp(value)) return iso(value);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}

interface Timestamp {
  seconds: number;
  nanoseconds: number;
  toDate(): Date;
}

const isTimestamp = (value: object): value is Timestamp =>
  'seconds' in value && 'nanoseconds' in value && 'toDate' in value;

/** Firestore keeps microseconds; a `Date` would lose three of the six digits, and with them the order of records. */
function iso({ seconds, nanoseconds }: Timestamp): string {
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  const fraction = String(nanoseconds).padStart(9, '0').slice(0, 6).replace(/0+$/, '');
  return fraction ? `${whole}.${fraction}Z` : `${whole}Z`;
}
