/** The name under which this browser remembers that somebody was signed in. It decides what is loaded first, no more. */
const NAME = 'signed-in';

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
};
