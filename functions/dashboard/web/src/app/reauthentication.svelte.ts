import { session } from '../session/session.svelte';
import { isStale } from '../session/standing';

/** Asks a person to show their password again, when their sign-in is too old for what they are about to do. */
class Reauthentication {
  open = $state(false);
  private answer: ((fresh: boolean) => void) | undefined;

  /** Returns whether the sign-in is fresh now; not, if the person gave up. */
  async demand(): Promise<boolean> {
    if (!isStale(session.signedInAt, Date.now())) return true;
    this.open = true;
    return new Promise((resolve) => {
      this.answer?.(false);
      this.answer = resolve;
    });
  }

  settle(fresh: boolean): void {
    this.open = false;
    this.answer?.(fresh);
    this.answer = undefined;
  }
}

export const reauthentication = new Reauthentication();
