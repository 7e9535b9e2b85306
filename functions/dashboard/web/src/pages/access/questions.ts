import matrix from '../../access/matrix.json';
import type { Role } from '../../access/person';
import type { Schema } from '../../api/types';
import { text } from './text';
import { roleWords } from './roles';

export const QUESTIONS = ['who', 'what', 'why', 'what-if'] as const;
export type Question = (typeof QUESTIONS)[number];

/** The question that an address asks; the first one when it asks none that is known. */
export const questionOf = (query: URLSearchParams): Question =>
  QUESTIONS.find((kind) => kind === query.get('ask')) ?? 'who';

export const permissions: readonly string[] = matrix.permissions.map(({ id }) => id).sort();

/** A reason as the end of a sentence. */
export function because(reason: Schema<'Reason'>): string {
  const words = text.questions.reasons;
  switch (reason.kind) {
    case 'role':
      return words.role(roleWords([reason.role as Role]));
    case 'elevation':
      return words.elevation(roleWords([reason.role as Role]));
    case 'second_factor_missing':
      return words.second_factor_missing(roleWords([reason.role as Role]));
    case 'lacking':
      return words.lacking(roleWords(reason.roles as Role[]));
    default:
      return words[reason.kind];
  }
}

/** What to ask the API, once everything that the question needs is chosen. */
export function asked(kind: Question, person: string, permission: string): { path: string; query: Record<string, string> } | undefined {
  if (kind === 'who' && permission) return { path: '/access/who-can', query: { permission } };
  if (kind === 'what' && person) return { path: '/access/what-can', query: { person } };
  if (kind === 'why' && person && permission) return { path: '/access/why', query: { person, permission } };
  return undefined;
}
