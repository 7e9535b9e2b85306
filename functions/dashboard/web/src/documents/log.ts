import type { Schema } from '../api/types';

/** `journal/{record}`: a change that committed together with this record. */
export type JournalRecord = Schema<'JournalRecord'>;

/** `log_checks/{time}`: what came of replaying the whole log. */
export type LogCheck = Schema<'LogCheck'>;

/** `log_entries/{record}`: where a journal record is in the log. */
export interface LogEntry {
  index: number;
  /** The entry's hash as a leaf of the tree, in Base64. */
  leaf: string;
  sealed_at: string;
}

/** `log_checkpoints/{size}`: what the log's key says about the log, and who cosigned it. */
export interface LogCheckpoint {
  size: number;
  root: string;
  note: string;
  at: string;
  /** The size once more, when a witness cosigned it. */
  witnessed_size?: number;
}
