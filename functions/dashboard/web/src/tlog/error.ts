/** Why something of a log is not to be believed. */
export type Mistake =
  | 'note'
  | 'checkpoint'
  | 'bad-signature'
  | 'unsigned'
  | 'not-the-log'
  | 'no-quorum'
  | 'policy'
  | 'key'
  | 'proof'
  | 'entry'
  | 'unproven';

/** What is wrong with a log, or with what is told of it. */
export class TlogError extends Error {
  override name = 'TlogError';

  constructor(
    readonly mistake: Mistake,
    message: string,
  ) {
    super(message);
  }
}
