import type { Problem } from '../../api/problem';

/** What the API finds wrong with a check, by the path of the setting: `spec.probe[0].host` is `probe.host` here. */
export function errorsOf(problem: Problem | undefined): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const { field, message } of problem?.fields ?? []) errors[pathOf(field)] ??= message;
  return errors;
}

/** A kind is one of several, which the API writes as the first field of it. */
const pathOf = (field: string): string => field.replace(/^spec\./, '').replace(/^probe\[0\]/, 'probe');
