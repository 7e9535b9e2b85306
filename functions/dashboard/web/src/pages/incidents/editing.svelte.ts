import { ask } from '../../api/client';
import { Intent } from '../../api/intent';
import { Problem } from '../../api/problem';
import { changeCheck, readCheck, type Version } from './check-version';
import { blank, draftOf, mistakes, specOf, type Draft } from './draft';
import { errorsOf } from './field-errors';
import { settingsOf } from './kinds';
import { merge, same } from './merging';
import { text } from './text';
import { told } from './told';

/** Unfinished forms, so that a look at another page costs nothing. What a module remembers belongs to one person. */
const unfinished = new Map<string, { id: string; draft: Draft; base: Version | undefined }>();
const UNFINISHED_MAX = 10;

/** A check that somebody writes: a new one, or another version of one that is there. */
export class Editing {
  id = $state('');
  draft: Draft = $state(blank('http'));
  /** The version that the form began with; none for a check that is new. */
  base: Version | undefined = $state.raw();
  /** What somebody else made of it meanwhile. */
  theirs: Version | undefined = $state.raw();
  /** Somebody deleted it meanwhile. */
  gone = $state(false);
  /** What both changed: it is marked until it is saved. */
  both: readonly string[] = $state.raw([]);
  loading = $state(false);
  problem: Problem | undefined = $state.raw();
  tried = $state(false);
  busy = $state(false);
  /** The form was filled with what was not finished before. */
  resumed = $state(false);
  private readonly intent = new Intent();

  readonly began = $derived(this.base ? draftOf(this.base.spec) : blank(this.draft.kind));
  readonly dirty = $derived(!same(this.draft, this.began) || (!this.base && this.id !== ''));
  readonly errors: Record<string, string> = $derived({ ...errorsOf(this.problem), ...(this.tried ? mistakes(this.draft) : {}) });

  /** What is wrong, and with no setting that is in the form. */
  readonly others = $derived.by(() => {
    const shown = new Set(['check', ...settingsOf(this.draft.kind).map(({ path }) => path)]);
    return Object.entries(this.errors).filter(([path]) => !shown.has(path) && !path.startsWith('maintenance['));
  });

  /** `of` is the check that is edited; a new one has none. */
  constructor(readonly of: string | undefined) {
    const before = unfinished.get(of ?? '');
    if (before) {
      this.id = before.id;
      this.draft = before.draft;
      this.base = before.base;
      this.resumed = true;
    } else if (of !== undefined) void this.load();
  }

  async load(): Promise<void> {
    this.loading = true;
    try {
      this.base = await readCheck(this.of ?? '');
      this.draft = draftOf(this.base.spec);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.problem = error;
    } finally {
      this.loading = false;
    }
  }

  /** Looks at what somebody else made of it. */
  async look(): Promise<void> {
    try {
      const now = await readCheck(this.of ?? '');
      if (now.changedAt !== this.base?.changedAt) this.theirs = now;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.status === 404) this.gone = true;
    }
  }

  /** Goes on from the other version: with its changes beside mine, or with mine alone. */
  settle(together: boolean): number {
    const { base, theirs } = this;
    if (!base || !theirs) return 0;
    const merged = merge(draftOf(base.spec), $state.snapshot(this.draft), draftOf(theirs.spec));
    if (together) this.draft = merged.draft;
    this.both = merged.both;
    this.base = theirs;
    this.theirs = undefined;
    this.problem = undefined;
    return merged.taken.length;
  }

  /** Saves it, and gives its id when it is saved. */
  async save(): Promise<string | undefined> {
    this.tried = true;
    this.problem = undefined;
    if (this.busy || this.theirs || Object.keys(this.errors).length > 0) return undefined;
    this.busy = true;
    const spec = specOf($state.snapshot(this.draft));
    try {
      if (this.of !== undefined && this.base) {
        this.theirs = await changeCheck(this.of, this.base, { method: 'PUT', body: spec });
        if (this.theirs) return undefined;
      } else await ask('/checks', { method: 'POST', body: { check: this.id, spec }, key: this.intent.key });
      unfinished.delete(this.of ?? '');
      return this.of ?? this.id;
    } catch (error) {
      // Another body is another intent.
      this.intent.done();
      this.problem = told(text.form.failed, error);
      if (this.problem.status === 404) this.gone = true;
      return undefined;
    } finally {
      this.busy = false;
    }
  }

  /** Keeps what is not finished, for when somebody comes back. */
  keep(saved: boolean): void {
    unfinished.delete(this.of ?? '');
    if (saved || !this.dirty) return;
    if (unfinished.size >= UNFINISHED_MAX) unfinished.delete(unfinished.keys().next().value ?? '');
    unfinished.set(this.of ?? '', { id: this.id, draft: $state.snapshot(this.draft), base: this.base });
  }

  /** Forgets what was written, and begins anew. */
  discard(): void {
    unfinished.delete(this.of ?? '');
    Object.assign(this, { id: '', both: [], problem: undefined, tried: false, resumed: false, theirs: undefined });
    this.draft = blank('http');
    if (this.of !== undefined) void this.load();
  }
}
