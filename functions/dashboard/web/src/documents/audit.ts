import type { Schema } from '../api/types';

/** `audits/{audit}`: one run over the estate. */
export type Audit = Schema<'Audit'>;
