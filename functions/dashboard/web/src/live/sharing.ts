/** What can be shared: it ends when nobody has read it for a while. */
export interface Shareable {
  end(): void;
}

interface Entry<T> {
  shared: T;
  readers: number;
  timer?: ReturnType<typeof setTimeout>;
}

/** Gives everybody who asks for the same the same thing, and ends it some time after its last reader left. */
export class Sharing<T extends Shareable> {
  private readonly entries = new Map<string, Entry<T>>();

  constructor(private readonly graceMs: number) {}

  /** Joins the readers of `key`; the thing is made when there is none. Each reader releases once. */
  take(key: string, make: () => T): { shared: T; release: () => void } {
    const entry: Entry<T> = this.entries.get(key) ?? { shared: make(), readers: 0 };
    this.entries.set(key, entry);
    clearTimeout(entry.timer);
    entry.readers += 1;
    let held = true;
    const release = (): void => {
      if (!held) return;
      held = false;
      entry.readers -= 1;
      if (entry.readers === 0) entry.timer = setTimeout(() => this.drop(key, entry), this.graceMs);
    };
    return { shared: entry.shared, release };
  }

  /** Ends everything at once, also what is read; whoever asks then gets it anew. */
  endAll(): void {
    for (const [key, entry] of [...this.entries]) this.drop(key, entry);
  }

  private drop(key: string, entry: Entry<T>): void {
    clearTimeout(entry.timer);
    if (this.entries.get(key) !== entry) return;
    this.entries.delete(key);
    entry.shared.end();
  }
}
