import type { Schema } from '../api/types';

/** `overrides/{override}`: a wish to restrict a control, and what became of it. */
export type Override = Schema<'Override'>;
export type OverrideState = Schema<'OverrideState'>;

/** What somebody wants; a scope that is left out is everybody. */
export type Change = Schema<'OverrideChange'>;
export type Effect = Schema<'OverrideEffect'>;
export type Scope = Schema<'OverrideScope'>;
