import { Problem } from '../api/problem';
import { toast } from '../ui/toast.svelte';

/** Tells that something did not work, with what a person can quote. What is no problem of the API is a mistake of ours. */
export function failed(title: string, error: unknown): Problem {
  if (!(error instanceof Problem)) throw error;
  const wrong = error.fields.map(({ field, message }) => `${field} ${message}`).join('; ');
  toast({
    title,
    detail: error.detail ?? (wrong || error.title),
    tone: 'bad',
    ...(error.requestId ? { correlation: error.requestId } : {}),
  });
  return error;
}
