import { untrack } from 'svelte';
import { Problem } from '../../api/problem';
import type { JournalRecord } from '../../documents/log';
import { TlogError } from '../../tlog/error';
import type { Seal } from './seal';
import { blame, examine, type Blame, type Examination } from './examine';
import { fetchProof, isPassing } from './fetched';
import type { Standing } from './standing.svelte';

/** How far the proof of a record is. */
export type ProvingState = 'waiting' | 'verifying' | 'done' | 'unreachable' | 'refused' | 'malformed';

export interface Subject {
  record: string;
  seal: Seal;
  /** As the journal has it now; absent when it is gone. */
  journal: JournalRecord | undefined;
  /** Whether the journal was heard. */
  known: boolean;
}

/** Fetches and verifies the proof of one record, and does so again whenever what it is about changes. */
export class Proving {
  state: ProvingState = $state('waiting');
  found: Examination | undefined = $state.raw();
  blamed: Blame | undefined = $state.raw();
  /** The file that was verified, for the person to keep. */
  file: string | undefined = $state.raw();
  failure: Problem | undefined = $state.raw();
  at: string | undefined = $state();
  busy = $state(false);
  private asked = $state(0);
  private round = 0;

  constructor(
    private readonly standing: Standing,
    subject: () => Subject,
  ) {
    // The journal's listener makes new objects of what is the same.
    const key = $derived(JSON.stringify(subject()));
    $effect(() => {
      void this.asked;
      // What this browser saw has to be known before a checkpoint can be held against it.
      if (!this.standing.policy || !this.hasMemory) return;
      const about = JSON.parse(key) as Subject;
      untrack(() => void this.prove(about));
    });
  }

  again = (): void => void (this.asked += 1);

  private readonly hasMemory = $derived.by(() => this.standing.memory !== undefined);

  private async prove({ record, seal, journal, known }: Subject): Promise<void> {
    const { policy } = this.standing;
    if (!policy || !known || seal.state !== 'sealed') return;
    // What was begun later counts.
    const round = (this.round += 1);
    this.busy = true;
    if (!this.found) this.state = 'verifying';
    let file: string | undefined;
    try {
      file = await fetchProof(record);
      const found = await examine({ record, file, journal, recorded: seal, policy, sameHistory: this.standing.sameHistory });
      if (round !== this.round) return;
      this.file = file;
      this.found = found;
      this.blamed = blame(found, record);
      this.state = 'done';
    } catch (error) {
      if (round === this.round) this.fail(error, file);
    } finally {
      if (round === this.round) {
        this.busy = false;
        this.at = new Date().toISOString();
      }
    }
  }

  private fail(error: unknown, file: string | undefined): void {
    this.found = undefined;
    this.blamed = undefined;
    this.file = file;
    this.failure = error instanceof Problem ? error : undefined;
    if (error instanceof Problem) this.state = isPassing(error) ? 'unreachable' : 'refused';
    else if (error instanceof TlogError) this.state = 'malformed';
    else throw error;
  }
}
