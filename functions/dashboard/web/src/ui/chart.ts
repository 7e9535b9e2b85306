import type { Tone } from './state';

export interface ChartSeries {
  label: string;
  /** One per time; `null` is a gap and is drawn as one. */
  values: readonly (number | null)[];
}

export interface Threshold {
  label: string;
  value: number;
  tone: Tone;
}

export const PALETTE_SIZE = 6;

/** Resolves a colour token to what a canvas can use: a custom property alone stays unresolved. */
export function resolveColour(probe: HTMLElement, token: string): string {
  probe.style.color = `var(--${token})`;
  return getComputedStyle(probe).color;
}

/** A dash token as a canvas has it. */
export function resolveDash(probe: HTMLElement, token: string): number[] {
  return (getComputedStyle(probe).getPropertyValue(`--${token}`).match(/\d+/g) ?? []).map(Number);
}

/** The series' value at each time of the table, thinned to at most `most` rows. */
export function tableRows(
  times: readonly number[],
  series: readonly ChartSeries[],
  most: number,
): { time: number; values: (number | null)[] }[] {
  const every = Math.max(1, Math.ceil(times.length / most));
  const rows: { time: number; values: (number | null)[] }[] = [];
  for (let at = times.length - 1; at >= 0; at -= every)
    rows.push({ time: times[at] ?? 0, values: series.map((one) => one.values[at] ?? null) });
  return rows;
}
