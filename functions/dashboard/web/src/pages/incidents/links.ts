/** How many things of one kind may be linked at once. */
export const LINKS_MAX = 50;

/** Reads ids that people wrote or pasted, one on each line or between commas; the address of a page counts as its id. */
export function idsIn(written: string): string[] {
  const ids = written
    .split(/[\s,]+/)
    .map((word) => last(word))
    .filter(Boolean);
  return [...new Set(ids)];
}

function last(word: string): string {
  const [path = ''] = word.split(/[?#]/);
  const part = path.split('/').filter(Boolean).at(-1) ?? '';
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
