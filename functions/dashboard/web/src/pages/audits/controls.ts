import type { Facet, FilterValue } from '../../ui/filters';
import { SEVERITIES, type AuditControl } from './documents';
import { text } from './text';

export type Framework = keyof AuditControl['mappings'];
export const FRAMEWORKS = Object.keys(text.controls.frameworks) as Framework[];

/** The numbers of a demand in a framework, as one text. */
export const numbers = (control: AuditControl, framework: Framework): string => (control.mappings[framework] ?? []).join(', ');

export function controlFacets(controls: readonly AuditControl[]): Facet[] {
  const severities = SEVERITIES.map((value) => ({
    value,
    title: text.severities[value],
    count: controls.filter(({ severity }) => severity === value).length,
  }));
  const frameworks = FRAMEWORKS.map((value) => ({
    value,
    title: text.controls.frameworks[value],
    count: controls.filter((control) => numbers(control, value)).length,
  }));
  return [
    { key: 'severity', title: text.controls.columns.severity, options: severities },
    { key: 'framework', title: text.controls.framework, options: frameworks },
  ];
}

/** Controls of the chosen severities that any of the chosen frameworks has, and that the words are in. */
export function controlsFiltered<C extends AuditControl & { id: string }>(controls: readonly C[], value: FilterValue, search: string): C[] {
  const words = search.trim().toLowerCase();
  return controls.filter(
    (control) =>
      (value['severity']?.includes(control.severity) ?? true) &&
      (value['framework']?.some((framework) => numbers(control, framework as Framework)) ?? true) &&
      (!words || `${control.id} ${control.title} ${FRAMEWORKS.map((one) => numbers(control, one)).join(' ')}`.toLowerCase().includes(words)),
  );
}
