import type { Incident } from '../../documents/incident';
import type { IconName } from '../../ui/icons';
import type { Tone } from '../../ui/state';
import type { TimelineEntry } from '../../ui/Timeline.svelte';
import { text } from './text';

type Entry = NonNullable<Incident['timeline']>[number];
type Kind = Entry['kind'];

const looks: Record<Kind, { icon: IconName; tone: Tone }> = {
  opened: { icon: 'incident', tone: 'bad' },
  reopened: { icon: 'refresh', tone: 'bad' },
  acknowledged: { icon: 'eye', tone: 'warn' },
  assigned: { icon: 'user', tone: 'info' },
  commented: { icon: 'comment', tone: 'neutral' },
  escalated: { icon: 'bell', tone: 'warn' },
  linked: { icon: 'link', tone: 'neutral' },
  resolved: { icon: 'check-circle', tone: 'ok' },
};

/** An assignment is written down as `to <person>: <why>`. */
const ASSIGNED = /^to (\S+): (.*)$/s;

/** A timeline as people read it: the newest first, and people by their names. */
export function happened(
  timeline: readonly Entry[],
  names: { name: (uid: string) => string; actor: (actor: Entry['by']) => string },
): TimelineEntry[] {
  return timeline
    .map((entry, index) => {
      const [, to, why] = (entry.kind === 'assigned' && ASSIGNED.exec(entry.text)) || [];
      return {
        // The oldest but one leaves a full timeline: counted from its end, entries keep their names.
        key: `${entry.at} ${entry.kind} ${timeline.slice(0, index).filter(({ at, kind }) => at === entry.at && kind === entry.kind).length}`,
        title: to === undefined ? text.kinds[entry.kind] : text.assignedTo(names.name(to)),
        detail: why ?? entry.text,
        moment: entry.at,
        actor: names.actor(entry.by),
        ...looks[entry.kind],
      };
    })
    .reverse();
}
