import type { Draft } from './draft';

/** The name under which all maintenance windows together are compared. */
export const WINDOWS = 'maintenance';

/** Two people's changes to one check, put together. */
export interface Merged {
  draft: Draft;
  /** What only somebody else changed: taken. */
  taken: string[];
  /** What both changed, and not alike: what is mine stays in the form. */
  both: string[];
}

/** Puts somebody else's changes to what both began with beside mine, setting by setting. */
export function merge(base: Draft, mine: Draft, theirs: Draft): Merged {
  const taken: string[] = [];
  const both: string[] = [];
  const pick = <T>(name: string, began: T, own: T, other: T): T => {
    const [was, is, became] = [began, own, other].map((value) => JSON.stringify(value) ?? '');
    if (became === was || became === is) return own;
    if (is === was) {
      taken.push(name);
      return other;
    }
    both.push(name);
    return own;
  };
  const kind = pick('probe.kind', base.kind, mine.kind, theirs.kind);
  const paths = new Set([...Object.keys(mine.settings), ...Object.keys(theirs.settings)]);
  const settings = [...paths].map((path) => {
    const [began = '', own = '', other = ''] = [base, mine, theirs].map((draft) => draft.settings[path]);
    return [path, pick(path, began, own, other)] as const;
  });
  const windows = pick(WINDOWS, base.windows, mine.windows, theirs.windows);
  return { draft: { kind, settings: Object.fromEntries(settings), windows }, taken, both };
}

/** Whether two drafts say the same. */
export const same = (one: Draft, other: Draft): boolean => JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));

function sorted({ kind, settings, windows }: Draft): unknown {
  const given = Object.entries(settings).filter(([, value]) => value.trim() !== '');
  return [kind, given.sort(([one], [other]) => (one < other ? -1 : 1)), windows];
}
