/** One thing that a person wants done: its key stays the same while it is tried again, and is new for the next. */
export class Intent {
  private current: string | undefined;

  /** The key to send. */
  get key(): string {
    this.current ??= crypto.randomUUID();
    return this.current;
  }

  /** It is done, or something else is wanted. */
  done(): void {
    this.current = undefined;
  }
}
