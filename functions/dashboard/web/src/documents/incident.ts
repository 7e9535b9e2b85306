import type { Schema } from '../api/types';

/** `incidents/{incident}`: something fails, and people look after it. */
export type Incident = Schema<'Incident'>;
export type IncidentState = Schema<'IncidentState'>;
