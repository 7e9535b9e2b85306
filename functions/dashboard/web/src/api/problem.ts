/** What a request came to that did not work: problem details (RFC 9457), or no answer at all. */
export class Problem extends Error {
  override name = 'Problem';

  constructor(
    /** The HTTP status; 0 when there was no answer. */
    readonly status: number,
    readonly title: string,
    readonly detail: string | undefined,
    readonly code: string,
    /** The request as the log names it: what a person can quote. */
    readonly requestId: string | undefined,
    readonly fields: readonly { field: string; message: string }[],
    /** After how many seconds it may be tried again. */
    readonly retryAfter: number | undefined,
  ) {
    super(detail ?? title);
  }

  /** What is wrong with a field, by its path such as `change.minutes`. */
  field(name: string): string | undefined {
    return this.fields.find(({ field }) => field === name || field.endsWith(`.${name}`))?.message;
  }

  /** Somebody else was faster. */
  get conflict(): boolean {
    return this.status === 412;
  }
}

interface Details {
  title?: string;
  detail?: string | null;
  code?: string;
  request_id?: string | null;
  errors?: { field: string; message: string }[];
}

/** Reads the problem of an answer. */
export async function problemOf(answer: Response): Promise<Problem> {
  const details = await answer.json().then(
    (body) => body as Details,
    () => ({}) as Details,
  );
  const after = Number(answer.headers.get('retry-after') ?? NaN);
  return new Problem(
    answer.status,
    details.title ?? `The server answered ${answer.status}`,
    details.detail ?? undefined,
    details.code ?? 'UNKNOWN',
    details.request_id ?? answer.headers.get('x-request-id') ?? undefined,
    details.errors ?? [],
    Number.isFinite(after) ? after : undefined,
  );
}

/** There was no answer. */
export const unreachable = (): Problem =>
  new Problem(0, 'The server cannot be reached', 'Nothing was done. Try again when the connection is back.', 'UNAVAILABLE', undefined, [], undefined);
