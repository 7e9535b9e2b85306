import { ask } from './client';
import { Problem } from './problem';

/** What the API answered to a question that a part of a page asks. */
export interface Asked<T> {
  readonly answer: T | undefined;
  readonly problem: Problem | undefined;
}

/** Asks for what is at a path as long as the component lives, and anew whenever anything changes that `path` reads. */
export function asked<T>(path: () => string | undefined): Asked<T> {
  let answer: T | undefined = $state.raw();
  let problem: Problem | undefined = $state.raw();

  $effect(() => {
    const at = path();
    if (at === undefined) return undefined;
    const asking = new AbortController();
    ask<T>(at, { signal: asking.signal })
      .then(({ body }) => (answer = body))
      .catch((error: unknown) => {
        if (asking.signal.aborted) return;
        if (!(error instanceof Problem)) throw error;
        problem = error;
      });
    return () => asking.abort();
  });

  return {
    get answer() {
      return answer;
    },
    get problem() {
      return problem;
    },
  };
}
