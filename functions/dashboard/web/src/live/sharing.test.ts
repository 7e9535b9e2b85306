import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Sharing } from './sharing';

const GRACE_MS = 1_000;

class Thing {
  static made = 0;
  ended = 0;
  constructor() {
    Thing.made += 1;
  }
  end(): void {
    this.ended += 1;
  }
}

const make = () => new Thing();
let sharing: Sharing<Thing>;

beforeEach(() => {
  vi.useFakeTimers();
  Thing.made = 0;
  sharing = new Sharing<Thing>(GRACE_MS);
});
afterEach(() => void vi.useRealTimers());

describe('a shared listener', () => {
  it('is one for all who ask for the same', () => {
    const [first, second] = [sharing.take('a', make), sharing.take('a', make)];
    expect(first.shared).toBe(second.shared);
    expect(sharing.take('b', make).shared).not.toBe(first.shared);
    expect(Thing.made).toBe(2);
  });

  it('outlives its last reader by the grace, and no longer', () => {
    const [first, second] = [sharing.take('a', make), sharing.take('a', make)];
    first.release();
    vi.advanceTimersByTime(GRACE_MS * 2);
    expect(first.shared.ended).toBe(0);
    second.release();
    vi.advanceTimersByTime(GRACE_MS - 1);
    expect(first.shared.ended).toBe(0);
    vi.advanceTimersByTime(1);
    expect(first.shared.ended).toBe(1);
    expect(sharing.take('a', make).shared).not.toBe(first.shared);
  });

  it('goes on for who comes back in time', () => {
    const first = sharing.take('a', make);
    first.release();
    vi.advanceTimersByTime(GRACE_MS - 1);
    expect(sharing.take('a', make).shared).toBe(first.shared);
    vi.advanceTimersByTime(GRACE_MS * 2);
    expect(first.shared.ended).toBe(0);
  });

  it('is released once by each reader, however often they say so', () => {
    const [first, second] = [sharing.take('a', make), sharing.take('a', make)];
    first.release();
    first.release();
    vi.advanceTimersByTime(GRACE_MS);
    expect(second.shared.ended).toBe(0);
  });

  it('ends at once when all end, and a late release does not end its successor', () => {
    const first = sharing.take('a', make);
    sharing.endAll();
    expect(first.shared.ended).toBe(1);
    const second = sharing.take('a', make);
    first.release();
    vi.advanceTimersByTime(GRACE_MS);
    expect(second.shared).not.toBe(first.shared);
    expect(second.shared.ended).toBe(0);
  });
});
