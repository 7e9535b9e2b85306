import { tick } from 'svelte';

/** A heading or a height that is not there after so long is waited for no more, in milliseconds: the reader has begun. */
const PATIENCE_MS = 2_000;
/** The browser bears few changes of its history; one when the reader rests is enough, in milliseconds. */
const REST_MS = 200;

/** What says that the reader goes their own way, and is not to be moved any more. */
const OWN_WAY = ['wheel', 'touchstart', 'pointerdown', 'keydown'] as const;

let last: AbortController | undefined;

/**
 * Brings a reader to where they went: a page is new to who cannot see it when its heading has the focus, and it begins
 * at its top, or where they left it. A part with `data-arrival` is gone to instead. Parts of a page come later than
 * others; they are waited for.
 */
export async function arrive(top: number, { moved = true } = {}): Promise<void> {
  last?.abort();
  const arriving = new AbortController();
  last = arriving;
  await tick();
  const part = document.querySelector('main [data-arrival]');
  if (part && moved) part.scrollIntoView();
  else if (top === 0) scrollTo(0, 0);
  // In the capture phase, which is over for the key that led here.
  const options = { signal: arriving.signal, capture: true, passive: true };
  for (const name of OWN_WAY) addEventListener(name, () => arriving.abort(), options);
  const until = performance.now() + PATIENCE_MS;
  let [headed, placed] = [!moved, top === 0];
  while (!(headed && placed) && !arriving.signal.aborted && performance.now() < until) {
    headed ||= head();
    placed ||= reach(top);
    await new Promise(requestAnimationFrame);
  }
  arriving.abort();
}

function head(): boolean {
  const heading = document.querySelector<HTMLElement>('main [data-arrival]') ?? document.querySelector<HTMLElement>('main h1');
  heading?.focus({ preventScroll: true });
  return heading !== null;
}

function reach(top: number): boolean {
  const room = document.documentElement.scrollHeight - innerHeight;
  if (room < top) return false;
  scrollTo(0, top);
  return true;
}

/** How far down the reader was at this step of the browser's history. */
export const left = (): number => {
  const state = history.state as { top?: number } | null;
  return state?.top ?? 0;
};

/** Notes how far down the reader is, so that going back finds the place again. */
export function note(): void {
  if (left() !== scrollY) history.replaceState({ ...(history.state as object | null), top: scrollY }, '');
}

/** Notes the place whenever the reader rests, until the returned function is called. */
export function noteRests(): () => void {
  history.scrollRestoration = 'manual';
  let timer: ReturnType<typeof setTimeout> | undefined;
  const scrolled = (): void => {
    clearTimeout(timer);
    timer = setTimeout(note, REST_MS);
  };
  addEventListener('scroll', scrolled, { passive: true });
  return () => {
    clearTimeout(timer);
    removeEventListener('scroll', scrolled);
  };
}
