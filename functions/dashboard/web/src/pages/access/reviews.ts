import type { Role } from '../../access/person';
import type { Schema } from '../../api/types';
import type { Tone } from '../../ui/state';

/** A review as `access_reviews/{review}` holds it. */
export interface AccessReview {
  title: string;
  state: Schema<'ReviewState'>;
  started_by: string;
  started_at: string;
  due_at: string;
  items: Record<string, ReviewItem>;
}

export interface ReviewItem {
  person: string;
  role: Role;
  verdict?: Schema<'Verdict'> | null;
  answered_by?: string | null;
  outcome?: Schema<'Outcome'> | null;
}

export const reviewTones: Record<AccessReview['state'], Tone> = { open: 'info', closing: 'warn', closed: 'neutral' };

export interface Tally {
  all: number;
  answered: number;
  unanswered: number;
  /** How many are removed when it closes: those that are answered so, and those that nobody answers. */
  removed: number;
}

export function tally(items: readonly ReviewItem[]): Tally {
  const answered = items.filter(({ verdict }) => verdict).length;
  const kept = items.filter(({ verdict }) => verdict === 'keep').length;
  return { all: items.length, answered, unanswered: items.length - answered, removed: items.length - kept };
}

/** The items, person by person in the order of their names, so that somebody is decided about as a whole. */
export function byName(items: readonly ReviewItem[], name: (uid: string) => string): { person: string; items: ReviewItem[] }[] {
  const groups = new Map<string, ReviewItem[]>();
  for (const item of items) groups.set(item.person, [...(groups.get(item.person) ?? []), item]);
  return [...groups]
    .map(([person, of]) => ({ person, items: of.sort((one, other) => one.role.localeCompare(other.role)) }))
    .sort((one, other) => name(one.person).localeCompare(name(other.person)));
}
