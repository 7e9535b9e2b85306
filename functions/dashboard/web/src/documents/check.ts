import type { Schema } from '../api/types';

/** `checks/{check}`: what is looked at, and how it is. */
export type Check = Schema<'Check'>;
export type CheckState = Schema<'CheckState'>;
