import { flushSync } from 'svelte';

/** About 25 pages of a table: who needs more takes a file. */
export const PRINTED_MAX = 1_000;

/** Whether the page is being put on paper, which shows what a screen shows only by scrolling. */
class Printing {
  now = $state(false);

  constructor() {
    // The browser lays the pages out as soon as this returns.
    addEventListener('beforeprint', () => flushSync(() => (this.now = true)));
    addEventListener('afterprint', () => (this.now = false));
  }
}

export const printing = new Printing();
