import type { IconName } from './icons';

/** How a state feels. The word always stands beside it. */
export type Tone = 'neutral' | 'info' | 'ok' | 'warn' | 'bad';

/** Each tone has its own outline, so that it is told apart without colour. */
export const toneIcons: Record<Tone, IconName> = {
  neutral: 'minus-circle',
  info: 'info',
  ok: 'check-circle',
  warn: 'incident',
  bad: 'octagon',
};

export type SeverityLevel = 'critical' | 'high' | 'medium' | 'low' | 'info';

/** How many of the four bars are filled. */
export const severityBars: Record<SeverityLevel, number> = { critical: 4, high: 3, medium: 2, low: 1, info: 0 };

export const severityWords: Record<SeverityLevel, string> = {
  critical: 'Critical',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
  info: 'Info',
};
