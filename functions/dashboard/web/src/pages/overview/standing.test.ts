import { describe, expect, it } from 'vitest';
import type { Check } from '../../documents/check';
import type { Control, Restriction } from '../../documents/control';
import type { Incident } from '../../documents/incident';
import type { Stored } from '../../live/live.svelte';
import { standing, watched, type World } from './standing';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const check = (id: string, state: Check['state'], more: Partial<Check> & { service?: string } = {}): Stored<Check> =>
  ({ id, state, since: '', ...more, spec: { name: id, service: more.service } }) as unknown as Stored<Check>;
const incident = (service?: string): Stored<Incident> =>
  ({ id: 'fire', service, opened_at: '2026-11-23T11:00:00Z' }) as unknown as Stored<Incident>;
const control = (id: string, restrictions: Pick<Restriction, 'until' | 'effect' | 'scope'>[]): Stored<Control> =>
  ({ id, epoch: 2, restrictions }) as unknown as Stored<Control>;
const pause = { effect: { kind: 'pause' }, scope: { kind: 'global' }, until: '2026-11-23T13:00:00Z' } as const;

describe('what is looked at', () => {
  const services = [
    { id: 'shop', name: 'Shop', url: '' },
    { id: 'blog', name: 'Blog', url: '' },
  ];
  it('is every check, and every service without one, the worst first', () => {
    const all = watched(services, [check('shop-up', 'up', { service: 'shop' }), check('api', 'down')], []);
    expect(all.map(({ name }) => name)).toEqual(['api', 'Blog', 'shop-up']);
  });
  it('is down when an incident of it is open, and leads there', () => {
    expect(watched(services, [], [incident('blog')])[0]).toMatchObject({ id: 'blog', state: 'down', href: '/incidents/fire' });
  });
  it('names the check that is the cause, and leads there', () => {
    const [, other] = watched([], [check('db', 'down'), check('web', 'down', { root_cause: 'db' })], []);
    expect(other?.because).toEqual({ name: 'db', href: '/incidents/checks/db' });
  });
});

describe('how the mesh is', () => {
  const world = (more: Partial<World>): World => ({ watched: [], functions: [], incidents: [], controls: [], waiting: 0, ...more });
  const said = (more: Partial<World>) => standing(world(more), NOW);
  const up = watched([], [check('shop', 'up', { service: 'shop' }), check('engine', 'up', { service: 'engine' })], []);

  it('is well when nothing is wrong, which counts a function that is also a service once', () => {
    expect(said({ watched: up, functions: ['engine', 'witness'] })).toEqual({ tone: 'ok', title: 'All 2 functions and 1 service well' });
  });
  it('is not said to be well while nobody looks', () => expect(said({}).tone).toBe('neutral'));
  it('is said in the order in which it matters', () => {
    expect(said({ incidents: [incident()], controls: [control('trading', [pause])], waiting: 1 })).toEqual({
      tone: 'bad',
      title: '1 incident open, trading halted, 1 waits for you',
    });
    expect(said({ controls: [control('trading', [pause])] })).toEqual({ tone: 'warn', title: 'Trading halted' });
    expect(said({ watched: up, waiting: 2 })).toEqual({ tone: 'info', title: '2 wait for you' });
  });
  it('does not count a restriction whose time is over', () => {
    expect(said({ watched: up, controls: [control('trading', [{ ...pause, until: '2026-11-23T12:00:00Z' }])] }).tone).toBe('ok');
  });
  it('counts what fails by itself, and not what fails because of it', () => {
    const all = watched([], [check('db', 'down'), check('web', 'down', { root_cause: 'db' })], []);
    expect(said({ watched: all })).toEqual({ tone: 'bad', title: '1 check fails' });
  });
});
