import { createSubscriber } from 'svelte/reactivity';

/** A clock that only runs while someone looks at it, shared by all who do. */
function ticker(period: number): () => number {
  let now = Date.now();
  const subscribe = createSubscriber((update) => {
    let timer: ReturnType<typeof setTimeout>;
    const tick = (): void => {
      now = Date.now();
      update();
      // Aligned to the period, so that all times on the page turn together.
      timer = setTimeout(tick, period - (now % period));
    };
    now = Date.now();
    timer = setTimeout(tick, period - (now % period));
    return () => clearTimeout(timer);
  });
  return () => {
    subscribe();
    return now;
  };
}

const minute = ticker(60_000);
const second = ticker(1000);

/** The time now in milliseconds, as a reactive value that changes once a minute or once a second. */
export const clock = {
  /** Exact whenever it is read; a reader is only called again once a minute. */
  get now(): number {
    minute();
    return Date.now();
  },
  get minute(): number {
    return minute();
  },
  get second(): number {
    return second();
  },
};
