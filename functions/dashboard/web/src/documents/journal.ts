import type { Schema } from '../api/types';

/** `journal/{record}`: one change, who made it and why. */
export type JournalRecord = Schema<'JournalRecord'>;
