import { session } from '../../session/session.svelte';

/** The reason that somebody was writing: going elsewhere and back loses nothing. It is of one session alone. */
class Kept {
  private words = '';
  private of = -1;

  get reason(): string {
    return this.of === session.generation ? this.words : '';
  }

  set reason(words: string) {
    this.of = session.generation;
    this.words = words;
  }
}

export const kept = new Kept();
