/** The name under which this browser remembers that somebody was signed in. It decides what is loaded first, no more. */
const NAME = 'signed-in';
const ENDED = 'session-ended';

export const hint = {
  wasSignedIn(): boolean {
    try {
      return localStorage.getItem(NAME) !== null;
    } catch {
      return true;
    }
  },
  remember(signedIn: boolean): void {
    try {
      if (signedIn) localStorage.setItem(NAME, 'yes');
      else localStorage.removeItem(NAME);
    } catch {
      /* then everything is loaded at once */
    }
  },
  /** Tells the next load of the page that a session was ended by somebody else. */
  leaveNotice(): void {
    try {
      sessionStorage.setItem(ENDED, 'yes');
    } catch {
      /* then the form to sign in says nothing of it */
    }
  },
  takeNotice(): boolean {
    try {
      const left = sessionStorage.getItem(ENDED) !== null;
      sessionStorage.removeItem(ENDED);
      return left;
    } catch {
      return false;
    }
  },
};
