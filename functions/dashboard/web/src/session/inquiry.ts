import type { Refusal } from './session.svelte';

/** Asks the API why the person is not let in. */
export async function askWhy(api: string, token: () => Promise<string>): Promise<Refusal> {
  try {
    const answer = await fetch(`${api}/me`, { headers: { authorization: `Bearer ${await token()}` } });
    if (answer.ok || answer.status >= 500) return 'unreachable';
    const { detail = '' } = (await answer.json()) as { detail?: string };
    return readWhy(answer.status, detail);
  } catch (error) {
    return isOver(error) ? 'ended' : 'unreachable';
  }
}

/** What a refusal of the API means for the session. */
export function readWhy(status: number, detail: string): Refusal {
  if (/disabled/.test(detail)) return 'disabled';
  if (/invit/.test(detail)) return 'invited';
  return status === 401 ? 'ended' : 'unknown';
}

/** Firebase refuses to renew tokens of sessions that were ended, and of accounts that are shut. */
function isOver(error: unknown): boolean {
  const code = (error as { code?: string }).code ?? '';
  return ['auth/user-token-expired', 'auth/user-disabled', 'auth/user-not-found'].includes(code);
}
