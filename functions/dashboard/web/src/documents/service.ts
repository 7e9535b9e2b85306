import type { Schema } from '../api/types';

/** `services/{service}`: a service of the estate. */
export type Service = Schema<'Service'>;
