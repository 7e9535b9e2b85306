import type { Schema } from '../api/types';
import { TlogError } from './error';

/** An entry of the log: a journal record, with what identifies people encrypted. */
export type Entry = Schema<'LogEntryText'>;
/** A journal record as it is stored. */
export type JournalRecord = Schema<'JournalRecord'>;

/** The shape of entries that is known here. */
const VERSION = 1;
/** Where documents about people are. */
const PEOPLE = 'users/';

/** Decodes the text that a leaf hashes. */
export function decodeEntry(bytes: Uint8Array): Entry {
  let entry: unknown;
  try {
    entry = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new TlogError('entry', 'it is no JSON');
  }
  if (!isEntry(entry)) throw new TlogError('entry', 'it is no entry of the journal');
  return entry;
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null) return false;
  const { version, record, action, time, correlation } = value as Record<string, unknown>;
  return version === VERSION && [record, action, time, correlation].every((member) => typeof member === 'string');
}

/** The members of an entry that are readable by whoever holds a person's key alone. */
export function encryptedOf(record: JournalRecord): Set<string> {
  const byPerson = record.actor.kind === 'person';
  const aboutPerson = record.target.startsWith(PEOPLE);
  return new Set([
    ...(byPerson ? ['actor'] : []),
    ...(aboutPerson ? ['target', 'before', 'after'] : []),
    ...(byPerson || aboutPerson ? ['reason'] : []),
  ]);
}

/** Names what in an entry contradicts a journal record; what is encrypted contradicts nothing. */
export function contradictions(entry: Entry, id: string, record: JournalRecord): string[] {
  const encrypted = encryptedOf(record);
  const whole = !entry.digest;
  const expected: Record<string, unknown> = { ...record, record: id };
  const always = ['record', 'time', 'correlation', 'event', 'writer'];
  const members = [...always, ...(whole ? ['action', 'actor', 'target', 'before', 'after', 'reason'] : [])];
  const told = entry as unknown as Record<string, unknown>;
  return members.filter((name) => !same(told[name], encrypted.has(name) ? undefined : expected[name]));
}

/** Whether two values of JSON are the same, in whatever order their members stand. */
function same(one: unknown, other: unknown): boolean {
  const sorted = (_: string, value: unknown): unknown =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value;
  return JSON.stringify(one ?? null, sorted) === JSON.stringify(other ?? null, sorted);
}
