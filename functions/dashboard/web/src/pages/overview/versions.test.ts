import { describe, expect, it } from 'vitest';
import type { Ack, Control } from '../../documents/control';
import type { Stored } from '../../live/live.svelte';
import { behind, versions } from './versions';

const controls = [{ id: 'trading', epoch: 5 }, { id: 'sales', epoch: 2 }] as unknown as Stored<Control>[];
const ack = (id: string, epoch: number, refused?: string): Stored<Ack> => ({ id, function: 'f', epoch, applied_at: '', ...(refused ? { refused } : {}) });

describe('the versions of controls', () => {
  it('are compared with what is in force', () => {
    expect(versions('a', controls, { trading: [ack('a', 4)], sales: [ack('a', 2)] })).toMatchObject([
      { title: 'Trading', wanted: 5, applied: 4, current: false },
      { title: 'Sales', wanted: 2, applied: 2, current: true },
    ]);
  });
  it('are not told before it is known who applies what', () => expect(behind(['a'], controls, {})).toBeUndefined());
  it('are told of all instances at once', () => {
    expect(behind(['a', 'b'], controls, { trading: [ack('a', 5)], sales: [ack('a', 2), ack('b', 2)] })).toBe('behind in trading');
    expect(behind(['a'], controls, { trading: [ack('a', 5, 'unknown effect')], sales: [] })).toBe('refuses sales, trading');
  });
});
