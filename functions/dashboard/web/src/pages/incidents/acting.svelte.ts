import { failed } from '../../app/failed';
import { ask } from '../../api/client';
import { Problem } from '../../api/problem';
import type { Incident } from '../../documents/incident';
import { toast } from '../../ui/toast.svelte';
import { text } from './text';
import { told } from './told';

export type Action = keyof typeof text.actions;

/** What an action needs. */
export const permissions: Record<Action, string> = {
  acknowledge: 'incidents.acknowledge',
  assign: 'incidents.assign',
  comment: 'incidents.comment',
  escalate: 'incidents.escalate',
  link: 'incidents.comment',
  resolve: 'incidents.resolve',
};

/** What may also be said of an incident that is over. */
const AFTERWARDS: ReadonlySet<Action> = new Set(['comment', 'link']);
export const possible = (action: Action, over: boolean): boolean => !over || AFTERWARDS.has(action);

export const isAction = (word: string | null): word is Action => word !== null && Object.hasOwn(text.actions, word);

/** What somebody is doing to an incident: as they saw it when they began, so that nobody's change is written over. */
export class Acting {
  action: Action | undefined = $state();
  seen: Incident | undefined = $state.raw();
  /** What it became meanwhile, by somebody else. */
  now: Incident | undefined = $state.raw();
  problem: Problem | undefined = $state.raw();
  busy = $state(false);
  private version: string | undefined;

  constructor(private readonly id: string) {}

  private get address(): string {
    return `/incidents/${encodeURIComponent(this.id)}`;
  }

  async begin(action: Action): Promise<void> {
    this.problem = undefined;
    this.now = undefined;
    try {
      const { body, etag } = await ask<Incident>(this.address);
      this.seen = body;
      this.version = etag;
      this.action = action;
    } catch (error) {
      failed(text.failed(text.actions[action].title), error);
    }
  }

  end(): void {
    this.action = undefined;
  }

  /** Does it, and tells whether it was done. */
  async send(body: unknown): Promise<boolean> {
    const { action, version } = this;
    if (!action || !version || this.busy) return false;
    this.busy = true;
    this.problem = undefined;
    try {
      await ask(`${this.address}/${action}`, { method: 'POST', body, version });
      toast({ title: text.actions[action].done });
      return true;
    } catch (error) {
      this.problem = told(text.failed(text.actions[action].title), error);
      if (this.problem.conflict) await this.look();
      return false;
    } finally {
      this.busy = false;
    }
  }

  /** Reads what somebody else made of it: sending again is meant for that. */
  private async look(): Promise<void> {
    try {
      const { body, etag } = await ask<Incident>(this.address);
      if (this.now) this.seen = this.now;
      this.now = body;
      this.version = etag;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.problem = error;
    }
  }
}
