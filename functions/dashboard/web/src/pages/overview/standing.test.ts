import { describe, expect, it } from 'vitest';
import type { Check } from '../../documents/check';
import type { Incident } from '../../documents/incident';
import type { Stored } from '../../live/live.svelte';
import { standing, watched } from './standing';

const check = (id: string, state: Check['state'], service?: string) =>
  ({ id, state, since: '', spec: { name: id, service } }) as unknown as Stored<Check>;
const incident = (service?: string) => ({ service, opened_at: '2026-11-23T12:00:00Z' }) as unknown as Incident;

describe('what is looked at', () => {
  const services = [
    { id: 'shop', name: 'Shop', url: '' },
    { id: 'blog', name: 'Blog', url: '' },
  ];
  it('is every check, and every service without one, the worst first', () => {
    const all = watched(services, [check('shop-up', 'up', 'shop'), check('api', 'down')], []);
    expect(all.map(({ name }) => name)).toEqual(['api', 'Blog', 'shop-up']);
  });
  it('is down when an incident of it is open', () => {
    expect(watched(services, [], [incident('blog')])[0]).toMatchObject({ id: 'blog', state: 'down' });
  });
});

describe('how the mesh is', () => {
  it('is well when nothing is wrong', () => expect(standing([], [], [], []).tone).toBe('ok'));
  it('is said in the order in which it matters', () => {
    const controls = [{ id: 'trading', state: 'halted' }] as never;
    expect(standing([], [incident()], controls, [])).toEqual({ tone: 'bad', title: '1 incident is open, trading is restricted' });
    expect(standing([], [], controls, []).tone).toBe('warn');
  });
});
