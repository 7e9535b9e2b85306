import { writeDuration } from '../../ui/duration';
import { draftOf, ON, type CheckSpec } from './draft';
import { ABOUT, KINDS, RUNS, type Setting } from './kinds';
import { text } from './text';

/** A setting as people read it. */
export interface Said {
  path: string;
  name: string;
  value: string;
  mono: boolean;
}

/** What a check says, without what nobody said. */
export function readable(spec: CheckSpec): Said[] {
  const { settings } = draftOf(spec);
  // The name is the page's title, and references become links.
  const plain = (setting: Setting): boolean => !['name', 'service', 'owner', 'parent', 'enabled'].includes(setting.path);
  return [...KINDS[spec.probe.kind], ...ABOUT, ...RUNS].filter(plain).flatMap((setting) => {
    const written = settings[setting.path] ?? '';
    const value = say(setting, written);
    if (value === '') return [];
    const mono = setting.control.as === 'text' && setting.control.mono === true;
    return [{ path: setting.path, name: text.form.fields[setting.path]?.title ?? setting.path, value, mono }];
  });
}

function say({ path, control }: Setting, written: string): string {
  if (control.as === 'switch') return written === ON ? text.form.on : text.form.off;
  if (written === '') return '';
  if (control.as === 'percent') return `${written} ${text.form.units.percent}`;
  if (control.as !== 'number' || !control.unit) return path === 'severity' ? written.toUpperCase() : written;
  return control.unit === 'seconds' ? writeDuration(Number(written)) : `${written} ${text.form.units[control.unit]}`;
}
