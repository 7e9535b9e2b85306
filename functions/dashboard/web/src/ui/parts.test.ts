import { describe, expect, it } from 'vitest';
import { fromQuery, toggled, toQuery, type Facet } from './filters';
import { chordOf } from './keys';
import { currentItem, tabItems, type NavigationGroup } from './navigation';
import { step } from './roving';
import { sparkPaths } from './spark';

const facets: Facet[] = [
  { key: 'state', title: 'State', options: ['open', 'done'].map((value) => ({ value, title: value })) },
  { key: 'sort', title: 'Order', single: true, options: ['up', 'down'].map((value) => ({ value, title: value })) },
];
const [state, order] = facets as [Facet, Facet];

describe('filters', () => {
  it('add, replace and remove an option', () => {
    const one = toggled({}, state, 'open');
    expect(toggled(one, state, 'done')).toEqual({ state: ['open', 'done'] });
    expect(toggled(one, state, 'open')).toEqual({});
    expect(toggled({ sort: ['up'] }, order, 'down')).toEqual({ sort: ['down'] });
  });

  it('survive the address, and take nothing unknown from it', () => {
    const value = { state: ['open', 'done'], sort: ['up'] };
    expect(toQuery(value).toString()).toBe('sort=up&state=done&state=open');
    expect(fromQuery(new URLSearchParams('state=open&state=evil&state=open&sort=up&sort=down&x=1'), facets)).toEqual({
      state: ['open'],
      sort: ['up'],
    });
  });
});

const navigation: NavigationGroup[] = [
  {
    group: 'All',
    items: ['/', '/audits', '/audits/runs', '/log', '/access'].map((href) => ({ href, title: href, icon: 'log' })),
  },
];

describe('navigation', () => {
  it('marks the longest item that an address begins with, at the border of a segment', () => {
    expect(currentItem(navigation, '/audits/runs/7')?.href).toBe('/audits/runs');
    expect(currentItem(navigation, '/audits/7')?.href).toBe('/audits');
    expect(currentItem(navigation, '/')?.href).toBe('/');
    expect(currentItem(navigation, '/logbook')).toBeUndefined();
  });

  it('fills the tab bar with four, the wanted ones first', () =>
    expect(tabItems(navigation, ['/log', '/unknown']).map((item) => item.href)).toEqual(['/log', '/', '/audits', '/audits/runs']));
});

describe('keys', () => {
  it('walk in a ring', () => {
    expect(step('ArrowDown', 2, 3)).toBe(0);
    expect(step('ArrowUp', 0, 3)).toBe(2);
    expect(step('ArrowUp', -1, 3)).toBe(2);
    expect(step('ArrowRight', 0, 3)).toBeNull();
    expect(step('End', 0, 0)).toBeNull();
  });

  it('are written as chords', () => {
    const key = { key: 'K', ctrlKey: false, metaKey: false, altKey: false };
    expect(chordOf({ ...key, metaKey: true })).toBe('mod+k');
    expect(chordOf({ ...key, key: '?' })).toBe('?');
    expect(chordOf({ ...key, altKey: true })).toBe('alt+k');
  });
});

describe('a sparkline', () => {
  it('breaks where values are missing', () =>
    expect(sparkPaths([1, null, 2, 3], 96, 24).path.match(/M/g)).toHaveLength(2));

  it('draws nothing from nothing, and a level line in the middle', () => {
    expect(sparkPaths([null, Number.NaN], 96, 24)).toEqual({ path: '', last: null });
    expect(sparkPaths([5, 5], 96, 24).last).toEqual({ x: 93, y: 12 });
  });
});
