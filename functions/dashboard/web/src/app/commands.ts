import { holds } from '../access/permissions';
import type { Role } from '../access/person';
import { GROUPS, type Page } from '../pages/page';
import type { Command } from '../ui/CommandPalette.svelte';
import type { Shortcut } from '../ui/keys';
import type { NavigationGroup } from '../ui/navigation';
import type { Theme } from './appearance.svelte';
import { text } from './text';

/** The address of a page. */
export const href = (page: Page): string => `/${page.id}`;

/** Whether some roles open a page. */
export const opens = (page: Page, roles: readonly Role[]): boolean =>
  !page.permissions || page.permissions.some((permission) => holds(roles, permission));

/** What the navigation shows: the groups in their order, without empty ones. */
export function navigation(open: readonly Page[]): NavigationGroup[] {
  const groups = GROUPS.map((group) => ({
    group,
    items: open
      .filter((page) => page.group === group)
      .map(({ title, icon, key, ...page }) => ({ href: `/${page.id}`, title, icon, ...(key ? { key } : {}) })),
  }));
  return groups.filter(({ items }) => items.length > 0);
}

/** The keys that work everywhere. */
export function shortcuts(
  open: readonly Page[],
  go: (address: string) => void,
  run: { palette: () => void; help: () => void },
): Shortcut[] {
  const leading = open.flatMap((page) =>
    page.key
      ? [{ keys: `g ${page.key}`, title: text.shortcuts.go(page.title), group: text.shortcuts.navigate, run: () => go(href(page)) }]
      : [],
  );
  return [
    { keys: 'mod+k', title: text.shortcuts.palette, group: text.shortcuts.general, run: run.palette },
    { keys: '?', title: text.shortcuts.help, group: text.shortcuts.general, run: run.help },
    ...leading,
  ];
}

/** What the command palette offers besides what it finds. */
export function commands(
  open: readonly Page[],
  run: { signOut: () => void; appearance: (theme: Theme) => void },
): Command[] {
  const leading = open.map((page) => ({
    id: `page:${page.id}`,
    title: page.title,
    group: text.commands.pages,
    icon: page.icon,
    href: href(page),
    ...(page.key ? { keys: `g ${page.key}` } : {}),
  }));
  const { actions } = text.commands;
  return [
    ...leading,
    { id: 'light', title: text.theme.light, group: actions, icon: 'sun', run: () => run.appearance('light') },
    { id: 'dark', title: text.theme.dark, group: actions, icon: 'moon', run: () => run.appearance('dark') },
    { id: 'sign-out', title: text.signOut, group: actions, icon: 'sign-out', run: run.signOut },
  ];
}
