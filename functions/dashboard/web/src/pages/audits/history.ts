import type { TimelineEntry } from '../../ui/Timeline.svelte';
import type { Finding } from './documents';
import { text } from './text';

/** What a finding itself tells of its past, newest first; the journal tells more, to who may read it. */
export function history(finding: Finding): TimelineEntry[] {
  const entries: TimelineEntry[] = [
    { key: 'first', title: text.finding.first, moment: finding.first_seen, tone: 'bad' },
  ];
  const times = finding.times_opened ?? 1;
  if (times > 1) entries.push({ key: 'reopened', title: text.finding.reopened(times), moment: finding.opened_at, tone: 'bad', icon: 'undo' });
  if (finding.last_seen !== finding.opened_at)
    entries.push({ key: 'last', title: text.finding.last, moment: finding.last_seen, tone: 'warn', icon: 'eye', detail: finding.evidence });
  if (finding.resolved_at) entries.push({ key: 'resolved', title: text.finding.resolved, moment: finding.resolved_at, tone: 'ok' });
  return entries.reverse();
}

/** A record of the journal, as far as it is told here. */
export interface Told {
  id: string;
  action: string;
  reason: string;
  time: string;
}

const TONES: Record<string, TimelineEntry['tone']> = {
  'finding.opened': 'bad',
  'finding.reopened': 'bad',
  'finding.resolved': 'ok',
  'finding.exempted': 'warn',
};

/** `finding.opened` as a word: `Opened`. */
function actionWord(action: string): string {
  const verb = (action.split('.')[1] ?? action).replaceAll('_', ' ');
  return verb.charAt(0).toUpperCase() + verb.slice(1);
}

export const told = (records: readonly Told[]): TimelineEntry[] =>
  records.map(({ id, action, reason, time }) => ({
    key: id,
    title: actionWord(action),
    moment: time,
    detail: reason,
    tone: TONES[action] ?? 'neutral',
  }));
