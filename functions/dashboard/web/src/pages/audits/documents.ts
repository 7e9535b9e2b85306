import type { Schema } from '../../api/types';

/** Documents as they are stored; timestamps are ISO 8601. */
export type Severity = Schema<'Severity'>;
export type FindingState = Schema<'FindingState'>;
export type Finding = Schema<'Finding'>;
export type Audit = Schema<'Audit'>;
export type AuditControl = Schema<'AuditControl'>;
export type Exception = Schema<'Exception'>;
export type Counts = Schema<'VerdictCounts'>;

export const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low'];
export const VERDICTS = ['fail', 'unknown', 'exempt', 'pass', 'not_applicable', 'manual'] as const;
