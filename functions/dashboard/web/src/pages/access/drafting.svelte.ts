import type { Role } from '../../access/person';
import { session } from '../../session/session.svelte';
import { toggled, type Drafts } from './draft';

/** The drafts of whoever is signed in; they outlive a look at another page, and nobody's next sign-in. */
class Drafting {
  private owner: string | undefined = $state();
  private drafts: Drafts = $state.raw({});

  get all(): Drafts {
    return session.uid === this.owner ? this.drafts : {};
  }

  get count(): number {
    return Object.keys(this.all).length;
  }

  toggle(uid: string, roles: readonly Role[], role: Role): void {
    this.set(toggled(this.all, uid, roles, role));
  }

  set(drafts: Drafts): void {
    this.owner = session.uid;
    this.drafts = drafts;
  }

  drop(uid: string): void {
    const { [uid]: _, ...rest } = this.all;
    this.set(rest);
  }
}

export const drafting = new Drafting();
