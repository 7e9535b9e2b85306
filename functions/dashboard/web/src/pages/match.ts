import type { Page, PageProps } from './page';

export interface Match extends PageProps {
  page: Page;
}

/** Finds the page of a path, with what stands in the places of its route. */
export function match(pages: readonly Page[], path: string): Match | undefined {
  const [id = '', ...rest] = path.split('/').filter(Boolean).map(decode);
  const page = pages.find((one) => one.id === id);
  if (!page) return undefined;
  for (const route of ['', ...(page.routes ?? [])]) {
    const parameters = fit(route.split('/').filter(Boolean), rest);
    if (parameters) return { page, route, parameters };
  }
  return undefined;
}

function fit(route: readonly string[], given: readonly string[]): Record<string, string> | undefined {
  if (route.length !== given.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [index, part] of route.entries()) {
    const value = given[index] ?? '';
    if (part.startsWith(':')) parameters[part.slice(1)] = value;
    else if (part !== value) return undefined;
  }
  return parameters;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
