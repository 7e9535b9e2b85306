import type { Schema } from '../api/types';

/** `controls/{control}`: what may be done now. Without a document: everything. */
export type Control = Schema<'Control'>;
export type ControlState = Schema<'ControlState'>;
export type Restriction = Schema<'Restriction'>;

/** `controls/{control}/acks/{instance}`: an instance applies a version of a control. */
export interface Ack {
  function: string;
  epoch: number;
  applied_at: string;
  /** Why the version is refused, and the control counts as halted instead. */
  refused?: string;
}
