import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Page } from '../pages/page';

const lookUp = vi.hoisted(() => vi.fn());
vi.mock('../live/look-up', () => ({ lookUp }));

const { find } = await import('./finding');

const page = (id: string, finds: Page['finds'] = []): Page => ({
  id,
  title: id,
  icon: 'info',
  finds,
  load: () => Promise.reject(new Error('not loaded here')),
});
const people = page('access', [{ collection: 'users', by: ['email'], says: 'display_name', at: 'people/' }]);
const incidents = page('incidents', [{ collection: 'incidents', says: 'title', at: '' }]);

describe('what the palette finds', () => {
  beforeEach(() => lookUp.mockReset().mockResolvedValue([]));

  it('is asked only of what the person may read', async () => {
    await find([people, incidents], ['viewer'], 'os');
    expect(lookUp.mock.calls.map(([collection]) => collection)).toEqual(['incidents']);
    lookUp.mockClear();
    await find([people], ['auditor'], 'os');
    expect(lookUp.mock.calls.map(([collection, field]) => [collection, field])).toEqual([
      ['users', undefined],
      ['users', 'email'],
    ]);
  });

  it('is one line for a document, also when its id and its field both begin so', async () => {
    lookUp.mockResolvedValue([{ id: 'a b', email: 'a b@x.example', display_name: 'A' }]);
    expect(await find([people], ['owner'], 'a b')).toMatchObject([
      { id: 'users/a b', title: 'a b', hint: 'A', group: 'access', href: '/access/people/a%20b' },
    ]);
  });

  it('is shown also when one kind cannot be read', async () => {
    lookUp.mockImplementation((collection: string) =>
      collection === 'users' ? Promise.reject(new Error('refused')) : Promise.resolve([{ id: 'i1', title: 'Down' }]),
    );
    expect(await find([people, incidents], ['owner'], 'i')).toMatchObject([{ href: '/incidents/i1', hint: 'Down' }]);
  });
});
