import { describe, expect, it } from 'vitest';
import { flipped, note, notes, policy, policyText } from '../../tlog/fixtures/log';
import { open } from '../../tlog/opened';
import { alarmed, compare, keep, recall, remembered, rootOf, type Alarm } from './memory';

const opened = async (one: string) => open(one, await policy());
const memory = async () => remembered(undefined, policyText, await opened(note), '2026-11-28T08:10:00Z');
const alarm: Alarm = { kind: 'forked', at: '2026-11-28T08:11:00Z', seen: 'a', told: 'b' };

class Shelf implements Storage {
  private readonly items = new Map<string, string>();
  getItem = (key: string): string | null => this.items.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.items.set(key, value);
  removeItem = (key: string): void => void this.items.delete(key);
  clear = (): void => this.items.clear();
  key = (at: number): string | null => [...this.items.keys()][at] ?? null;
  get length(): number {
    return this.items.size;
  }
}

describe('what this browser saw', () => {
  it('is compared by size, and by root where sizes are equal', async () => {
    const { checkpoint } = await opened(note);
    const seen = await memory();
    expect(compare(undefined, checkpoint)).toBe('first');
    expect(compare(seen, checkpoint)).toBe('same');
    expect(compare(seen, { ...checkpoint, root: flipped(checkpoint.root, 1) })).toBe('forked');
    expect(compare(seen, { ...checkpoint, size: checkpoint.size + 1 })).toBe('grown');
    expect(compare(seen, (await opened(notes[1] ?? '')).checkpoint)).toBe('earlier');
  });

  it('keeps the keys that it was told first, and every kind of alarm once', async () => {
    const seen = alarmed(await memory(), alarm);
    const later = remembered(seen, 'other keys', await opened(note), '2026-11-28T09:00:00Z');
    expect([later.policy, later.alarms]).toEqual([policyText, [alarm]]);
    expect(alarmed(later, { ...alarm, at: 'later' })).toBe(later);
    expect(alarmed(later, { ...alarm, kind: 'keys' }).alarms).toHaveLength(2);
  });

  it('is kept for each project, and what is none of it is not believed', async () => {
    const shelf = new Shelf();
    const seen = await memory();
    expect(keep('demo-mesh', seen, shelf)).toBe(true);
    expect(recall('demo-mesh', shelf)).toEqual(seen);
    expect(rootOf(recall('demo-mesh', shelf) ?? seen)).toEqual((await opened(note)).checkpoint.root);
    expect(recall('another', shelf)).toBeUndefined();
    for (const broken of ['{', 'null', '{"size":1}', JSON.stringify({ ...seen, root: '!' }), JSON.stringify({ ...seen, size: -0.5 })]) {
      shelf.setItem('mesh.log.demo-mesh', broken);
      expect(recall('demo-mesh', shelf), broken).toBeUndefined();
    }
    keep('demo-mesh', undefined, shelf);
    expect(shelf.length).toBe(0);
  });
});
