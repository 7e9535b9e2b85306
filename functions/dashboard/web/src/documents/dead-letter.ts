import type { Schema } from '../api/types';

/** `dead_letters/{letter}`: a delivery that was accepted and could not be processed. */
export type DeadLetter = Schema<'DeadLetter'>;
