import { describe, expect, it } from 'vitest';
import { match } from './match';
import type { Page } from './page';
import { pages } from './index';

const page = (id: string, routes: string[] = []): Page => ({
  id,
  title: id,
  icon: 'info',
  routes,
  load: () => Promise.reject(new Error('not loaded here')),
});
const some = [page(''), page('incidents', [':incident', 'checks/:check'])];

describe('a path', () => {
  it('leads to a page', () => {
    expect(match(some, '/')?.page.id).toBe('');
    expect(match(some, '/incidents/')?.route).toBe('');
    expect(match(some, '/incidents/shop-1')?.parameters).toEqual({ incident: 'shop-1' });
    expect(match(some, '/incidents/checks/a%20b')?.parameters).toEqual({ check: 'a b' });
  });
  it('leads nowhere when nobody knows it', () => {
    expect(match(some, '/nowhere')).toBeUndefined();
    expect(match(some, '/incidents/a/b/c')).toBeUndefined();
  });
});

describe('the pages', () => {
  it('have names and keys of their own', () => {
    const keys = pages.flatMap((one) => one.key ?? []);
    expect(new Set(keys).size).toBe(keys.length);
    expect(new Set(pages.map((one) => one.id)).size).toBe(pages.length);
  });
});
