import type { Component } from 'svelte';
import type { Permission } from '../access/permissions';
import type { IconName } from '../ui/icons';

/** The groups of the navigation, in their order. */
export const GROUPS = ['Operate', 'Govern', 'Run', 'Business', 'Assistant'] as const;
export type Group = (typeof GROUPS)[number];

/** Documents that the command palette finds for a page, by the beginning of their id. */
export interface Found {
  collection: string;
  /** Fields whose beginning people know as well, such as an e-mail address. */
  by?: readonly string[];
  /** The field that says what it is. */
  says: string;
  /** What stands between the page's address and the id: such as `people/`, or nothing. */
  at: string;
}

/** A page of the dashboard. A capability adds one folder here, and one line in `index.ts`. */
export interface Page {
  /** Its name in the address, such as `incidents`; empty for the first one. */
  id: string;
  title: string;
  icon: IconName;
  /** Where the navigation shows it; nowhere if left out. */
  group?: Group;
  /** Who may open it: holders of any of these. Everybody if left out. */
  permissions?: readonly Permission[];
  /** The letter after `g` that goes there. */
  key?: string;
  /** What lies behind `/id/`: such as `:incident`, `checks/:check`. The page itself needs none. */
  routes?: readonly string[];
  /** What the command palette finds of it. */
  finds?: readonly Found[];
  load: () => Promise<{ default: Component<PageProps> | Component<Record<string, never>> }>;
}

/** What a page is told: which of its routes it is at, and what stands in their places. */
export interface PageProps {
  route: string;
  parameters: Record<string, string>;
}
