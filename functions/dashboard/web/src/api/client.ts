import { session } from '../session/session.svelte';
import { problemOf, unreachable } from './problem';

/** How long a request may take, in milliseconds. */
const TIMEOUT_MS = 20_000;

/** How long functions believe what they read of a person, with room for the reading itself. The page knows at once. */
const BELIEVED_MS = 2_500;

export interface Asked {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  body?: unknown;
  query?: Record<string, string | number | undefined>;
  /** The version that was seen: the change is refused (412) when somebody was faster. */
  version?: string;
  /** Names one intent: sent again, it is done once. */
  key?: string;
  /** Without a token: for who is not signed in. */
  anonymous?: boolean;
  signal?: AbortSignal;
}

/** What came back, and its version. */
export interface Answer<T> {
  body: T;
  etag: string | undefined;
}

/** Asks the API; `path` begins behind its base, such as `/me`. Fails with a `Problem`. */
export async function ask<T>(path: string, asked: Asked = {}): Promise<Answer<T>> {
  const answer = await send(path, asked);
  const text = await answer.text();
  return { body: (text ? JSON.parse(text) : undefined) as T, etag: answer.headers.get('etag') ?? undefined };
}

/** Asks for a file. */
export async function download(path: string, query?: Asked['query']): Promise<Blob> {
  return (await send(path, query ? { query } : {})).blob();
}

/** Asks, and gives the answer as it comes; for streams. */
export async function send(path: string, asked: Asked, headers: Record<string, string> = {}): Promise<Response> {
  const answer = await once(path, asked, headers, false);
  // A token may have ended just now; a new one is asked for once.
  const again = answer.status === 401 && !asked.anonymous ? await once(path, asked, headers, true) : answer;
  const last = again.status === 403 ? await whenKnown(again, () => once(path, asked, headers, false)) : again;
  if (!last.ok) throw await problemOf(last);
  return last;
}

/** Asks once more where what the person may do has changed so lately that a refusal may be of before. */
async function whenKnown(refusal: Response, ask: () => Promise<Response>): Promise<Response> {
  const left = session.changedAt + BELIEVED_MS - Date.now();
  if (left <= 0) return refusal;
  await new Promise((done) => setTimeout(done, left));
  return ask();
}

async function once(path: string, asked: Asked, extra: Record<string, string>, fresh: boolean): Promise<Response> {
  const headers: Record<string, string> = { ...extra };
  if (!asked.anonymous) headers['authorization'] = `Bearer ${await session.token(fresh)}`;
  if (asked.body !== undefined) headers['content-type'] = 'application/json';
  if (asked.version) headers['if-match'] = asked.version;
  if (asked.key) headers['idempotency-key'] = asked.key;
  const signal = asked.signal ?? AbortSignal.timeout(TIMEOUT_MS);
  const body = asked.body === undefined ? {} : { body: JSON.stringify(asked.body) };
  try {
    return await fetch(address(path, asked.query), { method: asked.method ?? 'GET', headers, signal, ...body });
  } catch (error) {
    if (asked.signal?.aborted) throw error;
    throw unreachable();
  }
}

function address(path: string, query: Asked['query'] = {}): string {
  const given = Object.entries(query).filter((entry): entry is [string, string | number] => entry[1] !== undefined);
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return session.config.api + path + (text ? `?${text}` : '');
}
