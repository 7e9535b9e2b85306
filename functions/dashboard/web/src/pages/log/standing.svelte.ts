import { Problem } from '../../api/problem';
import type { LogCheck, LogCheckpoint } from '../../documents/log';
import { liveQuery } from '../../live/live.svelte';
import { session } from '../../session/session.svelte';
import type { Checkpoint } from '../../tlog/checkpoint';
import { canVerify } from '../../tlog/ed25519';
import { TlogError } from '../../tlog/error';
import { open, type Opened } from '../../tlog/opened';
import { Policy } from '../../tlog/policy';
import { fetchNote, fetchPolicy, isOneHistory } from './fetched';
import { judge, type History } from './judged';
import { alarmed, keep, recall, rootOf, type Memory } from './memory';

/** Replays that are listed: a month of nights. */
const REPLAYS_MAX = 30;

/** The log as it is now, verified in this browser. Made once while the page is set up. */
export class Standing {
  readonly newest = liveQuery<LogCheckpoint>(() => ({ collection: 'log_checkpoints', order: [['size', 'desc']], limit: 1 }));
  private readonly cosigned = liveQuery<LogCheckpoint>(() => ({
    collection: 'log_checkpoints',
    order: [['witnessed_size', 'desc']],
    limit: 1,
  }));
  readonly replays = liveQuery<LogCheck>(() => ({ collection: 'log_checks', order: [['at', 'desc']], limit: REPLAYS_MAX }));

  /** Whether this browser can verify; unknown at first. */
  able: boolean | undefined = $state();
  policy: Policy | undefined = $state.raw();
  /** Why the keys could not be read. */
  failure: Problem | TlogError | undefined = $state.raw();
  latest: Opened | undefined = $state.raw();
  witnessed: Opened | undefined = $state.raw();
  history: History = $state('unknown');
  /** What this browser had seen when the page was opened. */
  before: { size: number; seenAt: string } | undefined = $state.raw();
  memory: Memory | undefined = $state.raw();
  /** Whether the browser lets the page remember. */
  remembers = $state(true);

  private readonly project = session.config.project;
  private told = '';
  private queue: Promise<void> = Promise.resolve();

  constructor() {
    this.memory = recall(this.project);
    void this.begin();
    // Only what the server says counts: a copy in memory may be older than what was seen.
    $effect(() => {
      const [document] = this.newest.value;
      if (document && this.newest.state === 'live' && this.policy) this.later(() => this.consider(document.note));
    });
    $effect(() => {
      const [document] = this.cosigned.value;
      const { policy } = this;
      if (document?.witnessed_size && policy) this.later(async () => void (this.witnessed = await opened(document.note, policy)));
    });
  }

  /** How the checkpoint of now stands to what this browser had seen when the page was opened. */
  get since(): History {
    if (this.history === 'unknown' || this.history === 'broken' || !this.latest) return this.history;
    if (!this.before) return 'first';
    return this.latest.checkpoint.size > this.before.size ? 'grown' : 'same';
  }

  /** Reads whose signatures count. The keys that were known first go on counting. */
  begin = async (): Promise<void> => {
    this.failure = undefined;
    this.able = await canVerify();
    if (!this.able) return;
    try {
      this.told = await fetchPolicy();
      this.policy = await Policy.parse(this.memory?.policy ?? this.told);
    } catch (error) {
      if (!(error instanceof Problem || error instanceof TlogError)) throw error;
      this.failure = error;
    }
  };

  /** Whether a checkpoint has the history that this browser saw. */
  sameHistory = async (checkpoint: Checkpoint): Promise<boolean | undefined> => {
    const { memory } = this;
    return memory ? isOneHistory({ size: memory.size, root: rootOf(memory) }, checkpoint) : undefined;
  };

  /** Forgets what was seen, keys and all, and holds the log to what it is told now. */
  beginAnew = async (): Promise<void> => {
    this.store(undefined);
    this.policy = undefined;
    this.latest = undefined;
    this.witnessed = undefined;
    this.history = 'unknown';
    await this.begin();
  };

  private async consider(note: string): Promise<void> {
    const { policy } = this;
    if (!policy) return;
    const latest = await opened(note, policy);
    if (!latest) return;
    // Another tab may have seen more.
    const before = recall(this.project) ?? this.memory;
    const world = { policy: this.told, now: new Date().toISOString(), isOneHistory, fetchNote: () => fetchNote().catch(() => undefined) };
    const { memory, history } = await judge(before, latest, world);
    // Another set of keys began meanwhile.
    if (this.policy !== policy) return;
    const changed = memory.policy !== this.told;
    const alarm = { kind: 'keys', at: world.now, seen: memory.policy, told: this.told } as const;
    if (!this.latest) this.before = before && { size: before.size, seenAt: before.seenAt };
    this.latest = latest;
    this.history = history;
    this.store(changed ? alarmed(memory, alarm) : memory);
  }

  private store(memory: Memory | undefined): void {
    this.memory = memory;
    this.remembers = keep(this.project, memory);
  }

  /** One after another: each is held against what the one before left. */
  private later(task: () => Promise<void>): void {
    this.queue = this.queue.then(task, task);
  }
}

/** A note that cannot be read is signed by nobody. */
const opened = (note: string, policy: Policy): Promise<Opened | undefined> =>
  open(note, policy).catch(() => ({
    note,
    checkpoint: { origin: '', size: 0, root: new Uint8Array(32) },
    signatures: [],
    signed: false,
    accepted: false,
  }));
