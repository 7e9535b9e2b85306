import { ask } from '../../api/client';
import { Problem } from '../../api/problem';
import { failed } from '../../app/failed';
import { liveDocument } from '../../live/live.svelte';
import { session } from '../../session/session.svelte';
import { text } from './text';
import { same, wishesOf, type Preferences } from './wishes';

const PATH = '/me/preferences';

/** What is wished and not saved yet, so that a look at another page costs nothing. What a module remembers belongs to one person. */
let unsaved: { draft: Preferences; base: Preferences } | undefined;

/** The wishes of whoever looks: as they hold, and as they are being changed. Make it while a component is set up. */
export class Wishing {
  draft: Preferences | undefined = $state.raw(unsaved?.draft);
  /** What the draft began with. */
  private base: Preferences | undefined = $state.raw(unsaved?.base);
  /** As the API tells them: also what holds for who never said anything. */
  private told: Preferences | undefined = $state.raw();
  problem: Problem | undefined = $state.raw();
  busy = $state(false);

  private readonly live = liveDocument<Preferences>(() => session.uid && `preferences/${session.uid}`);
  /** What holds now, also when it was changed in another browser. */
  readonly holds = $derived(this.live.value ? wishesOf(this.live.value) : this.told);
  readonly wishes = $derived(this.draft ?? this.holds);
  readonly dirty = $derived(this.draft !== undefined && this.holds !== undefined && !same(this.draft, this.holds));
  /** They were changed elsewhere while they are changed here. */
  readonly meanwhile = $derived(this.dirty && this.base !== undefined && this.holds !== undefined && !same(this.base, this.holds));

  constructor() {
    void this.load();
    $effect(() => () => {
      unsaved = this.dirty && this.draft && this.base ? { draft: this.draft, base: this.base } : undefined;
    });
  }

  async load(): Promise<void> {
    this.problem = undefined;
    try {
      this.told = (await ask<Preferences>(PATH)).body;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.problem = error;
    }
  }

  wish(wishes: Preferences): void {
    this.base ??= this.holds;
    this.draft = wishes;
  }

  /** Goes back to what holds. */
  discard(): void {
    this.draft = undefined;
    this.base = undefined;
  }

  /** Saves them; returns whether they are saved. */
  async save(): Promise<boolean> {
    if (!this.draft || this.busy) return false;
    this.busy = true;
    try {
      this.told = (await ask<Preferences>(PATH, { method: 'PUT', body: this.draft })).body;
      this.base = this.told;
      return true;
    } catch (error) {
      failed(text.notifications.failed, error);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
