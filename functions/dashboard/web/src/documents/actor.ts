import type { Schema } from '../api/types';

/** Who did something: a person, or a service by its account. */
export type Actor = Schema<'Actor'>;
