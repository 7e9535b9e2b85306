import type { Schema } from '../../api/types';
import { settingsOf, type Control, type Kind } from './kinds';
import { text } from './text';

export type CheckSpec = Schema<'CheckSpec'>;
export type Window = Schema<'MaintenanceWindow'>;

/** A check as it is written in a form: each setting as text, by its path. */
export interface Draft {
  kind: Kind;
  settings: Record<string, string>;
  windows: Window[];
}

/** What is on, as a form has it; anything else is off. */
export const ON = 'yes';

/** A check that nobody has written yet. */
export function blank(kind: Kind): Draft {
  const settings = settingsOf(kind).map(({ path, initial }) => [path, initial ?? ''] as const);
  return { kind, settings: Object.fromEntries(settings), windows: [] };
}

/** The same check as another kind: what both have stays. */
export function turned(draft: Draft, kind: Kind): Draft {
  return { ...draft, kind, settings: { ...blank(kind).settings, ...draft.settings } };
}

/** A check as a form has it. */
export function draftOf(spec: CheckSpec): Draft {
  const { kind } = spec.probe;
  const settings = settingsOf(kind).map(({ path, control }) => [path, written(control, at(spec, path))] as const);
  return { kind, settings: Object.fromEntries(settings), windows: spec.maintenance ?? [] };
}

/** What a form says, as the API takes it. What is left empty is left out, so that its own default holds. */
export function specOf(draft: Draft): CheckSpec {
  const spec: Record<string, unknown> = { probe: { kind: draft.kind } };
  for (const { path, control } of settingsOf(draft.kind)) {
    const value = read(control, (draft.settings[path] ?? '').trim());
    if (value !== undefined) put(spec, path, value);
  }
  if (draft.windows.length > 0) spec['maintenance'] = draft.windows;
  return spec as unknown as CheckSpec;
}

/** What is wrong with what was written, by path, as far as it can be told here. */
export function mistakes(draft: Draft): Record<string, string> {
  const wrong: Record<string, string> = {};
  for (const { path, control, required } of settingsOf(draft.kind)) {
    const value = (draft.settings[path] ?? '').trim();
    const message = value === '' ? (required ? text.form.needed : undefined) : outside(control, value);
    if (message) wrong[path] = message;
  }
  return wrong;
}

function outside(control: Control, value: string): string | undefined {
  if (control.as === 'percent') {
    const share = Number(value) * 10_000;
    return share >= control.least && share <= control.most ? undefined : text.form.between(control.least / 10_000, control.most / 10_000);
  }
  if (control.as !== 'number' && control.as !== 'numbers') return undefined;
  const values = control.as === 'numbers' ? words(value) : [value];
  const fits = values.every((one) => /^\d+$/.test(one) && Number(one) >= control.least && Number(one) <= control.most);
  return fits ? undefined : text.form.between(control.least, control.most);
}

const words = (value: string): string[] => value.split(/[\s,]+/).filter(Boolean);

function read(control: Control, value: string): unknown {
  if (control.as === 'switch') return value === ON;
  if (value === '') return undefined;
  if (control.as === 'number') return Number(value);
  if (control.as === 'percent') return Math.round(Number(value) * 10_000);
  if (control.as === 'numbers') return words(value).map(Number);
  return control.as === 'texts' ? value.split('\n').map((line) => line.trim()).filter(Boolean) : value;
}

function written(control: Control, value: unknown): string {
  if (control.as === 'switch') return value === true ? ON : '';
  if (value === undefined || value === null) return '';
  if (control.as === 'percent') return String(Number(value) / 10_000);
  return Array.isArray(value) ? value.join(control.as === 'texts' ? '\n' : ', ') : String(value);
}

const at = (value: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((inside, name) => (inside as Record<string, unknown> | null | undefined)?.[name], value);

function put(into: Record<string, unknown>, path: string, value: unknown): void {
  const names = path.split('.');
  const last = names.pop() ?? '';
  const parent = names.reduce<Record<string, unknown>>((inside, name) => (inside[name] ??= {}) as Record<string, unknown>, into);
  parent[last] = value;
}
