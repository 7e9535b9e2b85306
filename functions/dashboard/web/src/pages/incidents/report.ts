import { writeDuration } from '../../ui/duration';

const MOMENT = /^(\d{4}-\d\d-\d\dT[\d:.]+Z)(.*)$/s;
const AFTER = /\(after (\d+) s\)$/;
const PERSON = /^person:(\S+)$/;
const SERVICE = /^service:([^@\s]+)@\S+$/;
const ASSIGNED = /^to (\S+): /;

/** A cell as people read it. */
export interface Cell {
  /** What it begins with, to be shown in the reader's zone. */
  moment?: string;
  words: string;
}

/** A cell of a post-mortem's tables as people read it: durations in words, people by their names. */
export function readableCell(row: readonly string[], column: number, name: (uid: string) => string): Cell {
  const cell = row[column] ?? '';
  if (column === 1 && row[0] === 'Assignee') return { words: name(cell) };
  // What people wrote stays as they wrote it; only an assignment begins with whom it is to.
  if (column === 3) return { words: row[2] === 'assigned' ? cell.replace(ASSIGNED, (_, uid: string) => `to ${name(uid)}: `) : cell };
  const [, moment, after = cell] = MOMENT.exec(cell) ?? [];
  const words = after
    .replace(AFTER, (_, seconds: string) => `(after ${writeDuration(Number(seconds))})`)
    .replace(SERVICE, '$1')
    .replace(PERSON, (_, uid: string) => name(uid));
  return moment === undefined ? { words } : { moment, words };
}
