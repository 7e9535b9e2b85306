import { fields, type WireField } from './wire';

/** Deeper values are not of a document. */
const DEPTH_MAX = 20;

/**
 * Reads the change of a document that an event carries: the document as it is, and as it was.
 *
 * Source: <https://github.com/googleapis/google-cloudevents>, `google.events.cloud.firestore.v1.DocumentEventData`, and
 * `google.firestore.v1.Value`, whose numbers it shares.
 */
export function documentChange(bytes: Uint8Array): Record<string, unknown> | undefined {
  const event = fields(bytes);
  if (!event) return undefined;
  const change: Record<string, unknown> = {};
  for (const { number, value } of event) {
    const document = number <= 2 && value instanceof Uint8Array ? documentOf(value) : undefined;
    if (number <= 2 && !document) return undefined;
    if (number === 1) change['value'] = document;
    if (number === 2) change['old_value'] = document;
  }
  return Object.keys(change).length > 0 ? change : undefined;
}

function documentOf(bytes: Uint8Array): Record<string, unknown> | undefined {
  const parts = fields(bytes);
  const name = text(last(parts, 1));
  if (!parts || name === undefined) return undefined;
  return { name, fields: mapOf(parts, 2, 0), create_time: moment(last(parts, 3)), update_time: moment(last(parts, 4)) };
}

/** A map is its entries, one after the other: the key is 1, the value 2. */
function mapOf(parts: readonly WireField[], number: number, depth: number): Record<string, unknown> {
  const entries = parts.flatMap(({ number: own, value }) => {
    const entry = own === number && value instanceof Uint8Array ? fields(value) : undefined;
    const key = text(last(entry, 1));
    return key === undefined ? [] : [[key, valueOf(last(entry, 2), depth)] as const];
  });
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}

function valueOf(bytes: bigint | Uint8Array | undefined, depth: number): unknown {
  const [field] = (bytes instanceof Uint8Array && depth < DEPTH_MAX && fields(bytes)) || [];
  if (!field) return null;
  const { number, value } = field;
  const inside = value instanceof Uint8Array ? (fields(value) ?? []) : [];
  switch (number) {
    case 1:
      return value !== 0n;
    case 2:
      return typeof value === 'bigint' ? integer(value) : null;
    case 3:
      return value instanceof Uint8Array ? new DataView(value.buffer, value.byteOffset, value.byteLength).getFloat64(0, true) : null;
    case 5:
    case 17:
      return text(value);
    case 6:
      return mapOf(inside, 1, depth + 1);
    case 9:
      return inside.map((element) => valueOf(element.value, depth + 1));
    case 10:
      return moment(value);
    case 18:
      return value instanceof Uint8Array ? `${value.length} bytes` : null;
    default:
      return null;
  }
}

const last = (parts: readonly WireField[] | undefined, number: number): bigint | Uint8Array | undefined =>
  parts?.findLast((part) => part.number === number)?.value;

function text(value: bigint | Uint8Array | undefined): string | undefined {
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : undefined;
}

/** Whole numbers are of 64 bits; those that a number cannot hold are written out. */
function integer(value: bigint): number | string {
  const signed = BigInt.asIntN(64, value);
  return Number.isSafeInteger(Number(signed)) ? Number(signed) : String(signed);
}

function moment(value: bigint | Uint8Array | undefined): string | undefined {
  const parts = value instanceof Uint8Array ? fields(value) : undefined;
  const seconds = last(parts, 1);
  if (typeof seconds !== 'bigint') return undefined;
  const nanoseconds = last(parts, 2);
  const fraction = String(typeof nanoseconds === 'bigint' ? nanoseconds : 0n).padStart(9, '0').slice(0, 6);
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19)}.${fraction}Z`;
}
