import { describe, expect, it } from 'vitest';
import type { Restriction } from '../../documents/control';
import type { Effect, Scope } from '../../documents/override';
import { applied } from './applied';
import { restored, standing } from './standing';

const at = (second: number): string => new Date(second * 1000).toISOString();
const restriction = (effect: Effect, until: number, scope: Scope = { kind: 'global' }): Restriction => ({
  override: `o${until}`, hash: '', effect, scope, since: at(0), until: at(until),
});
const control = (...restrictions: Restriction[]) => ({ state: 'halted' as const, epoch: 3, since: at(0), reason: '', restrictions });

describe('a control at an instant', () => {
  it('is what its restrictions of everybody leave, until each is over', () => {
    const trading = control(restriction({ kind: 'throttle', per_second: 5 }, 100), restriction({ kind: 'pause' }, 10));
    expect(standing(trading, 9_999).state).toBe('halted');
    expect(standing(trading, 10_000).state).toBe('reduced');
    expect(standing(trading, 100_000)).toEqual({ state: 'enabled', partly: false, restrictions: [] });
  });

  it('is partly restricted by what concerns some', () =>
    expect(standing(control(restriction({ kind: 'kill' }, 10, { kind: 'tenant', id: 't' })), 0)).toMatchObject({ state: 'enabled', partly: true }));

  it('was restored when the last restriction ended, or when somebody wrote so', () => {
    const over = control(restriction({ kind: 'pause' }, 10), restriction({ kind: 'drain' }, 20));
    expect(restored(over).at).toBe(at(20));
    expect(restored({ ...control(), reason: 'it answers again' })).toEqual({ at: at(0), why: 'it answers again' });
  });

  it('is enabled without a document', () => expect(standing(undefined, 0).state).toBe('enabled'));
});

describe('who applies it', () => {
  const instance = (id: string, seen: number) => ({ id, function: id, started_at: at(0), seen_at: at(seen) });
  const ack = (id: string, epoch: number, refused?: string) => ({ id, function: id, epoch, applied_at: at(0), ...(refused ? { refused } : {}) });

  it('counts those that run, and names those that do not apply it', () => {
    const running = ['a', 'b', 'c', 'd'].map((id) => instance(id, 1_000));
    const found = applied(3, [...running, instance('ended', 869)], [ack('a', 3), ack('b', 2), ack('c', 4, 'forged'), ack('ended', 2)], 1_000_000);
    expect([found.applied, found.running]).toEqual([1, 4]);
    expect(found.missing.map((one) => [one.instance, one.epoch, one.refused])).toEqual([
      ['b', 2, undefined],
      ['c', 4, 'forged'],
      ['d', undefined, undefined],
    ]);
  });

  it('believes an instance for 130 seconds, and calls it quiet after 70', () => {
    const seen = (age: number) => applied(0, [instance('a', 1_000)], [], (1_000 + age) * 1000);
    expect(seen(130).running).toBe(1);
    expect(seen(131).running).toBe(0);
    expect([seen(70).all[0]?.quiet, seen(71).all[0]?.quiet]).toEqual([false, true]);
  });
});
