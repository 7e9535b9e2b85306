import { failed } from '../../app/failed';
import { ask } from '../../api/client';
import { Problem } from '../../api/problem';
import type { Incident } from '../../documents/incident';
import { toast } from '../../ui/toast.svelte';
import { text } from './text';

export type Action = keyof typeof text.actions;

/** What an action needs. */
export const permissions: Record<Action, string> = {
  acknowledge: 'incidents.acknowledge',
  assign: 'incidents.assign',
  comment: 'incidents.comment',
  escalate: 'incidents.escalate',
  resolve: 'incidents.resolve',
};

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

  async begin(action: Action): Promise<void> {
    this.problem = undefined;
    this.now = undefined;
    try {
      const { body, etag } = await ask<Incident>(`/incidents/${encodeURIComponent(this.id)}`);
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

  async send(body: unknown): Promise<void> {
    const { action, version } = this;
    if (!action || !version) return;
    this.busy = true;
    this.problem = undefined;
    try {
      await ask(`/incidents/${encodeURIComponent(this.id)}/${action}`, { method: 'POST', body, version });
      toast({ title: text.actions[action].done });
      this.end();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.problem = error;
      if (error.conflict) await this.look();
    } finally {
      this.busy = false;
    }
  }

  /** Reads what somebody else made of it: sending again is meant for that. */
  private async look(): Promise<void> {
    const { body, etag } = await ask<Incident>(`/incidents/${encodeURIComponent(this.id)}`);
    this.now = body;
    this.version = etag;
  }
}
