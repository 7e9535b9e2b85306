import type { Role } from '../../access/person';
import { ask } from '../../api/client';
import { Problem } from '../../api/problem';
import { rebased, same } from './draft';
import { drafting } from './drafting.svelte';
import { personNow, type Someone } from './people.svelte';

/** A save of the drafts, person by person: what somebody else changed in between is shown instead of written over. */
export class Saving {
  /** What is there now, for people whose roles somebody else changed meanwhile. */
  private theirs: Readonly<Record<string, readonly Role[]>> = $state.raw({});

  /** Whose drafts began with other roles than there are now. */
  readonly contested = $derived(Object.entries(this.theirs).filter(([uid]) => drafting.all[uid]));

  /** Hears of a person's roles. Listeners tell at once what a save would find out. */
  hear({ id, roles }: Pick<Someone, 'id' | 'roles'>): void {
    const draft = drafting.all[id];
    if (draft && !same(draft.base, roles)) this.theirs = { ...this.theirs, [id]: roles };
  }

  /** Ends a contest: the changes are made `again` to what is there now, or dropped. */
  settle(uid: string, again: boolean): void {
    const draft = drafting.all[uid];
    const { [uid]: now, ...rest } = this.theirs;
    this.theirs = rest;
    drafting.drop(uid);
    if (!again || !draft || !now) return;
    const next = rebased(draft, now);
    if (!same(next.base, next.wanted)) drafting.set({ ...drafting.all, [uid]: next });
  }

  /** Saves one person; returns whether it was, and not contested. */
  async save(uid: string, reason: string): Promise<boolean> {
    const draft = drafting.all[uid];
    if (!draft) return true;
    const { person, version } = await personNow(uid);
    if (!same(person.roles, draft.base)) return this.contest(uid, person.roles);
    try {
      const body = { roles: draft.wanted, reason };
      await ask(`/people/${encodeURIComponent(uid)}/roles`, { method: 'PUT', body, ...(version ? { version } : {}) });
    } catch (failure) {
      if (!(failure instanceof Problem && failure.conflict)) throw failure;
      return this.contest(uid, (await personNow(uid)).person.roles);
    }
    drafting.drop(uid);
    return true;
  }

  private contest(uid: string, roles: readonly Role[]): false {
    this.theirs = { ...this.theirs, [uid]: roles };
    return false;
  }
}
