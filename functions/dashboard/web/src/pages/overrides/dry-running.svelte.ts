import { ask } from '../../api/client';
import { Problem } from '../../api/problem';
import type { Schema } from '../../api/types';
import type { Change } from '../../documents/override';

/** So long nobody types, before the API is asked. */
const PAUSE_MS = 300;

/** Foresees what a change would do, while somebody writes it. Of several questions only the last one's answer counts. */
export class DryRunning {
  /** What would happen, as it was foreseen last. */
  result: Schema<'DryRun'> | undefined = $state.raw();
  problem: Problem | undefined = $state.raw();
  /** The result is of an earlier change, or of earlier controls. */
  busy = $state(false);
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asking: AbortController | undefined;

  /** Asks soon; nothing is foreseen of what is not complete. */
  later(change: Change | undefined): void {
    this.stop();
    this.busy = change !== undefined;
    if (!change) {
      this.result = undefined;
      this.problem = undefined;
      return;
    }
    this.timer = setTimeout(() => void this.now(change), PAUSE_MS);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.asking?.abort();
  }

  private async now(change: Change): Promise<void> {
    const asking = new AbortController();
    this.asking = asking;
    try {
      const { body } = await ask<Schema<'DryRun'>>('/overrides/dry-run', { method: 'POST', body: change, signal: asking.signal });
      if (asking.signal.aborted) return;
      this.result = body;
      this.problem = undefined;
    } catch (error) {
      if (asking.signal.aborted) return;
      if (!(error instanceof Problem)) throw error;
      this.result = undefined;
      this.problem = error;
    }
    this.busy = false;
  }
}
