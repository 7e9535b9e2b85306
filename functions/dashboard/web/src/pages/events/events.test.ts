import { describe, expect, it } from 'vitest';
import { added, CHANGES_MAX, facetsOf, filtered, isCorrelation, type Change } from './changes';
import { documentChange } from './firestore-event';
import { fromBase64, payloadOf } from './payload';
import { mayReplay, outcomeOf } from './replaying.svelte';
import { StreamReader } from './stream';
import { lastsMs, tree, type TraceRecord } from './trace';
import { fields } from './wire';

const change = (id: string, more: Partial<Change> = {}): Change =>
  ({ id, action: 'incident.opened', target: `incidents/${id}`, time: '2026-11-23T12:00:00Z', ...more }) as Change;

describe('a stream', () => {
  it('is read however it is cut', () => {
    const whole = ': hello\n\nid: a\ndata: {"x":\ndata: 1}\n\nevent: other\r\nid:b\r\ndata:y\r\n\r\nid: c\ndata: z';
    for (const size of [1, 2, 3, 7, whole.length]) {
      const reader = new StreamReader();
      const messages = [];
      for (let at = 0; at < whole.length; at += size) messages.push(...reader.read(whole.slice(at, at + size)));
      expect(messages, String(size)).toEqual([{ id: 'a', data: '{"x":\n1}' }, { id: 'b', data: 'y' }]);
      expect(reader.read('\n\n')).toEqual([{ id: 'c', data: 'z' }]);
    }
  });
  it('gives up what has no end, and goes on', () => {
    const reader = new StreamReader();
    expect(reader.read('data: ' + 'x'.repeat(300_000))).toEqual([]);
    expect(reader.read('\n\ndata: y\n\n')).toEqual([{ id: '', data: 'y' }]);
  });
});

describe('the feed', () => {
  it('has each change once, the newest first, and never more than it keeps', () => {
    expect(added([change('c'), change('b')], [change('b'), change('a')]).map(({ id }) => id)).toEqual(['c', 'b', 'a']);
    const many = Array.from({ length: CHANGES_MAX }, (_, at) => change(String(at)));
    const after = added([change('new')], many);
    expect([after.length, after[0]?.id, after.at(-1)?.id]).toEqual([CHANGES_MAX, 'new', String(CHANGES_MAX - 2)]);
  });
  const all = [
    change('a', { actor: { kind: 'person', uid: 'oscar' as never }, reason: 'because' }),
    change('b', { target: 'checks/b', action: 'check.created', actor: { kind: 'service', account: 'root@mesh' } }),
  ];
  it('is filtered by kind, by who, and by words', () => {
    const ids = (filter: Record<string, string[]>, search = '') => filtered(all, filter, search).map(({ id }) => id);
    expect(ids({ kind: ['checks'] })).toEqual(['b']);
    expect(ids({ actor: ['oscar'] })).toEqual(['a']);
    expect(ids({}, 'BECAUSE')).toEqual(['a']);
    expect(ids({}, 'checks/b')).toEqual(['b']);
    expect(filtered(all, {}, ' ')).toBe(all);
  });
  it('offers what occurs and what the address names, and nobody where nobody is known', () => {
    const [kind, actor] = facetsOf(all, new URLSearchParams('kind=gone&actor=opal'), (one) => one.id);
    expect(kind?.options.map(({ value }) => value)).toEqual(['checks', 'gone', 'incidents']);
    expect(actor?.options.map(({ value }) => value)).toEqual(['oscar', 'root@mesh', 'opal']);
    expect(facetsOf([change('a')], new URLSearchParams(), () => '').map(({ key }) => key)).toEqual(['kind']);
  });
  it('knows an id of a trace', () => {
    for (const id of ['210fee8584f9f639b805d0267349d869', '01a22147-e1b2-76fd-a25d-d36fbb94ee6e ']) expect(isCorrelation(id)).toBe(true);
    for (const other of ['', 'incidents/a', '210fee8584f9f639b805d0267349d86', 'g10fee8584f9f639b805d0267349d869']) expect(isCorrelation(other)).toBe(false);
  });
});

describe('a trace', () => {
  const record = (id: string, time: string, event?: string): TraceRecord =>
    ({ id, time: `2026-11-23T12:00:${time}Z`, ...(event ? { event } : {}) }) as unknown as TraceRecord;
  it('hangs what events led to below the request that began it', () => {
    const [request, ...others] = tree([record('c', '02.5', 'e1'), record('a', '01'), record('b', '02', 'e1'), record('d', '03', 'e2')]);
    expect(others).toEqual([]);
    expect(request?.records.map(({ record: { id } }) => id)).toEqual(['a']);
    expect(request?.children.map(({ event, afterMs }) => [event, afterMs])).toEqual([['e1', 1000], ['e2', 2000]]);
    expect(request?.children[0]?.records.map((one) => [one.record.id, one.afterMs])).toEqual([['b', 1000], ['c', 1500]]);
  });
  it('without a request begins with its events', () => {
    expect(tree([record('b', '02', 'e2'), record('a', '01', 'e1')]).map(({ event }) => event)).toEqual(['e1', 'e2']);
  });
  it('may be empty', () => {
    expect(tree([])).toEqual([]);
    expect(lastsMs([])).toBe(0);
  });
  it('lasts from its first record to its last', () => expect(lastsMs([record('b', '02.5'), record('a', '01')])).toBe(1500));
});

describe('letters', () => {
  const letter = (id: string, state?: string) => ({ id, ...(state ? { replay: { state } } : {}) }) as never;
  it('may be replayed once at a time, until they were with success', () => {
    expect(['requested', 'done', 'failed'].map((state) => mayReplay(letter('a', state)))).toEqual([false, false, true]);
    expect(mayReplay(letter('a'))).toBe(true);
  });
  it('say what came of their replays', () => {
    const letters = [letter('a', 'done'), letter('b', 'failed'), letter('c', 'requested'), letter('d', 'done')];
    expect(outcomeOf(new Set(['a', 'b', 'c', 'e']), letters)).toEqual({ asked: 4, done: 1, failed: 1, waiting: 2 });
  });
});

describe('a body', () => {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  it('is read by what it is', () => {
    expect(payloadOf(bytes(''), {})).toEqual({ kind: 'empty' });
    expect(payloadOf(bytes('{"a":1}'), {})).toEqual({ kind: 'json', value: { a: 1 } });
    expect(payloadOf(bytes('{"a":'), {})).toEqual({ kind: 'text', text: '{"a":' });
    expect(payloadOf(Uint8Array.of(0, 65, 255), {})).toEqual({ kind: 'bytes', lines: `000000  ${'00 41 ff'.padEnd(47)}  ·A·` });
  });
  it('of a push has its message opened', () => {
    const push = (data: string) => payloadOf(bytes(JSON.stringify({ message: { data: btoa(data), attributes: {} } })), {});
    expect(push('{"a":1}')).toEqual({ kind: 'json', value: { message: { data: { a: 1 }, attributes: {} } } });
    expect(push('words')).toEqual({ kind: 'json', value: { message: { data: 'words', attributes: {} } } });
  });
  it('of a changed document is that document', () => {
    // A document `d` whose field `n` is -1, `s` is "ä", `t` is true and `l` holds a null; nothing was there before.
    const value = (...inside: number[]): number[] => [inside.length, ...inside];
    const entry = (key: string, ...inside: number[]): number[] => [0x12, ...value(0x0a, 1, key.charCodeAt(0), 0x12, ...value(...inside))];
    const document = [
      ...[0x0a, 1, 0x64],
      ...entry('n', 0x10, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1),
      ...entry('s', 0x8a, 1, 2, 0xc3, 0xa4),
      ...entry('t', 0x08, 1),
      ...entry('l', 0x4a, 4, 0x0a, 2, 0x58, 0),
      ...[0x22, 2, 0x08, 1],
    ];
    const event = Uint8Array.from([0x0a, ...value(...document)]);
    const type = { 'ce-type': 'google.cloud.firestore.document.v1.written' };
    const expected = { name: 'd', fields: { l: [null], n: -1, s: 'ä', t: true }, create_time: undefined, update_time: '1970-01-01T00:00:01.000000Z' };
    expect(documentChange(event)).toEqual({ value: expected });
    expect(payloadOf(event, type)).toEqual({ kind: 'document', value: { value: expected } });
    expect(payloadOf(event.subarray(0, -1), type).kind).toBe('bytes');
  });
  it('that is cut is no message', () => {
    expect(fields(Uint8Array.of(0x0a, 5, 1))).toBeUndefined();
    expect(fields(Uint8Array.of(0x80))).toBeUndefined();
    expect(fields(Uint8Array.of(0x00))).toBeUndefined();
    expect(fromBase64('%')).toBeUndefined();
  });
});
