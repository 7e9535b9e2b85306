import { writeDuration } from '../../ui/duration';

const AFTER = /\(after (\d+) s\)$/;
const PERSON = /^person:(\S+)$/;
const SERVICE = /^service:([^@\s]+)@\S+$/;
const ASSIGNED = /^to (\S+): /;

/** A cell of a post-mortem's tables as people read it: durations in words, people by their names. */
export function readableCell(row: readonly string[], column: number, name: (uid: string) => string): string {
  const cell = row[column] ?? '';
  if (column === 1 && row[0] === 'Assignee') return name(cell);
  // What people wrote stays as they wrote it; only an assignment begins with whom it is to.
  if (column === 3) return row[2] === 'assigned' ? cell.replace(ASSIGNED, (_, uid: string) => `to ${name(uid)}: `) : cell;
  return cell
    .replace(AFTER, (_, seconds: string) => `(after ${writeDuration(Number(seconds))})`)
    .replace(SERVICE, '$1')
    .replace(PERSON, (_, uid: string) => name(uid));
}
