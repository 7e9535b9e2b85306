import { ask, type Answer } from '../api/client';
import { Intent } from '../api/intent';
import type { Problem } from '../api/problem';
import { failed } from './failed';

/** A form on its way to the API: what is created by it is created once, however often it is sent. */
export class Sending {
  /** Whether it was tried: before that, nobody is told what is missing. */
  tried = $state(false);
  busy = $state(false);
  problem: Problem | undefined = $state.raw();
  private readonly intent = new Intent();

  /** What went wrong and belongs to no field. */
  readonly wrong = $derived(this.problem && this.problem.fields.length === 0 ? this.problem : undefined);

  /** What is wrong with a field: as the API says, or `own` once it was tried. */
  error(field: string, own: string | false | undefined): string | undefined {
    return this.problem?.field(field) ?? (this.tried && own ? own : undefined);
  }

  /** Notes a try; returns whether it may be sent. */
  begin(good: boolean): boolean {
    this.tried = true;
    this.problem = undefined;
    return good && !this.busy;
  }

  /** Sends it, and returns what came back; nothing, if it failed, which was told under `title` by then. */
  async post<T>(path: string, body: unknown, title: string): Promise<Answer<T> | undefined> {
    this.busy = true;
    try {
      const answer = await ask<T>(path, { method: 'POST', body, key: this.intent.key });
      this.intent.done();
      return answer;
    } catch (failure) {
      this.problem = failed(title, failure);
      // What was answered and is sent again after a change is another request.
      if (this.problem.status !== 0) this.intent.done();
      return undefined;
    } finally {
      this.busy = false;
    }
  }
}
