import { readable } from '../access/permissions';
import type { Role } from '../access/person';
import { lookUp } from '../live/look-up';
import type { Found, Page } from '../pages/page';
import type { Command } from '../ui/CommandPalette.svelte';
import { href } from './commands';

/** Of each kind at most so many: whoever wants another types on. */
const FOUND_MAX = 5;

/** Finds documents that pages show, by the beginning of their id or of a field that people know them by. */
export async function find(open: readonly Page[], roles: readonly Role[], text: string): Promise<Command[]> {
  const may = readable(roles);
  const asked = open.flatMap((page) =>
    (page.finds ?? []).filter(({ collection }) => may.has(collection)).map((kind) => one(page, kind, text)),
  );
  // One kind that cannot be read now hides none of the others.
  const answers = await Promise.allSettled(asked);
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
}

async function one(page: Page, kind: Found, text: string): Promise<Command[]> {
  const fields = [undefined, ...(kind.by ?? [])];
  const answers = await Promise.all(fields.map((field) => lookUp<Record<string, unknown>>(kind.collection, field, text, FOUND_MAX)));
  const documents = new Map(answers.flat().map((document) => [document.id, document]));
  return [...documents.values()].slice(0, FOUND_MAX).map((document) => ({
    id: `${kind.collection}/${document.id}`,
    title: document.id,
    hint: String(document[kind.says] ?? ''),
    group: page.title,
    icon: page.icon,
    href: `${href(page)}/${kind.at}${encodeURIComponent(document.id)}`,
  }));
}
