import { ask, type Asked } from './client';

/** A page of a list, as the API gives it. */
export interface Page<T> {
  items: T[];
  next_page_token?: string | null;
}

/** Reads a list page by page, up to `most` items. */
export async function readAll<T>(path: string, query: Asked['query'], most: number): Promise<{ items: T[]; more: boolean }> {
  const items: T[] = [];
  let token: string | undefined;
  do {
    const { body } = await ask<Page<T>>(path, { query: { ...query, page_token: token } });
    items.push(...body.items);
    token = body.next_page_token ?? undefined;
  } while (token && items.length < most);
  return { items: items.slice(0, most), more: token !== undefined || items.length > most };
}
