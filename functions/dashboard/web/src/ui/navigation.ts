import type { IconName } from './icons';

export interface NavigationItem {
  href: string;
  title: string;
  icon: IconName;
  /** The letter after `g` that goes there. */
  key?: string;
  /** A number that wants attention. */
  badge?: number;
}

export interface NavigationGroup {
  group: string;
  items: readonly NavigationItem[];
}

/** Four and "More": a fifth real one would be too narrow for its word. */
export const TABS = 4;

/** The item for an address: the longest that it begins with, at the border of a segment. */
export function currentItem(navigation: readonly NavigationGroup[], path: string): NavigationItem | undefined {
  return navigation
    .flatMap((group) => group.items)
    .filter((item) => path === item.href || path.startsWith(item.href === '/' ? '/?' : `${item.href}/`))
    .sort((left, right) => right.href.length - left.href.length)[0];
}

/** Which items the phone's tab bar shows: the wanted ones that there are, filled up from the beginning. */
export function tabItems(navigation: readonly NavigationGroup[], wanted: readonly string[]): NavigationItem[] {
  const all = navigation.flatMap((group) => group.items);
  const chosen = wanted.map((href) => all.find((item) => item.href === href)).filter((item) => item !== undefined);
  const rest = all.filter((item) => !chosen.includes(item));
  return [...chosen, ...rest].slice(0, TABS);
}
