import { describe, expect, it } from 'vitest';
import { askAgain, emptyDraft, fromQuery, mistakes, toChange, toQuery } from './draft';
import { text } from './text';

const draft = { ...emptyDraft(), control: 'trading', reason: 'the exchange is down' };

describe('what is asked for', () => {
  it('lasts an hour unless somebody says otherwise', () =>
    expect(toChange(draft)).toEqual({
      control: 'trading', effect: { kind: 'pause' }, scope: { kind: 'global' }, minutes: 60, reason: 'the exchange is down',
    }));

  it('is a kill until it is lifted, or for a time', () => {
    expect(toChange({ ...draft, effect: 'kill' })).not.toHaveProperty('minutes');
    expect(toChange({ ...draft, effect: 'kill', untilLifted: false }).minutes).toBe(60);
  });

  it('carries the value of its effect and the name of its scope', () => {
    expect(toChange({ ...draft, effect: 'throttle', perSecond: '5' }).effect).toEqual({ kind: 'throttle', per_second: 5 });
    expect(toChange({ ...draft, effect: 'force', value: '7' }).effect).toEqual({ kind: 'force', value: '7' });
    expect(toChange({ ...draft, scope: 'tenant', whom: ' t1 ' }).scope).toEqual({ kind: 'tenant', id: 't1' });
    expect(toChange({ ...draft, scope: 'module', whom: 'm' }).scope).toEqual({ kind: 'module', name: 'm' });
  });
});

describe('mistakes', () => {
  it('are none in the smallest and the largest that is accepted', () => {
    expect(mistakes({ ...draft, reason: 'abc', minutes: 1 })).toEqual({});
    expect(mistakes({ ...draft, reason: 'x'.repeat(500), minutes: 1440 })).toEqual({});
    expect(mistakes({ ...draft, reason: 'x'.repeat(20) }, true)).toEqual({});
  });

  it('stand beside their fields', () => {
    const wrong = mistakes({ ...emptyDraft(), effect: 'throttle', perSecond: '0', scope: 'module', minutes: null, reason: 'no' });
    expect(Object.keys(wrong).sort()).toEqual(['control', 'effect.per_second', 'minutes', 'reason', 'scope.name']);
    expect(mistakes({ ...draft, minutes: 1441 }).minutes).toBe(text.form.durationWrong);
    expect(mistakes({ ...draft, reason: 'x'.repeat(501) }).reason).toBe(text.reasonLong);
    expect(mistakes({ ...draft, reason: 'x'.repeat(19) }, true).reason).toBe(text.breaking.reasonShort(20));
    expect(mistakes({ ...draft, effect: 'force' })).toHaveProperty(['effect.value']);
  });
});

describe('an address', () => {
  const search = (query: Record<string, string | undefined>) =>
    new URLSearchParams(Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined));

  it('keeps a draft but for its reason', () => {
    const full = { ...draft, effect: 'throttle' as const, perSecond: '5', scope: 'module' as const, whom: 'm', minutes: 30, untilLifted: false };
    expect(fromQuery(search(toQuery(full)))).toEqual({ ...full, reason: '' });
  });

  it('cannot make a form of what there is not', () =>
    expect(fromQuery(new URLSearchParams('effect=explode&scope=moon&minutes=9999'))).toMatchObject({ effect: 'pause', scope: 'global', minutes: 60 }));

  it('asks for the same again', () => {
    const change = { control: 'ai', effect: { kind: 'kill' as const }, scope: { kind: 'tenant' as const, id: 't' }, reason: 'it lies' };
    expect(toChange(fromQuery(new URL(askAgain(change), 'http://x').searchParams))).toEqual(change);
  });
});
