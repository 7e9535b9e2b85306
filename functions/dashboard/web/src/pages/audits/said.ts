import type { TimelineEntry } from '../../ui/Timeline.svelte';
import type { Actor } from '../../documents/actor';
import type { Exception } from './documents';
import { text } from './text';

/** What people said about an exception, newest first. */
export function said(exception: Exception, name: (actor: Actor) => string): TimelineEntry[] {
  const entries: TimelineEntry[] = [
    {
      key: 'asked',
      title: text.exceptions.asked,
      moment: exception.requested_at,
      actor: name(exception.requested_by),
      detail: exception.reason,
      tone: 'info',
    },
  ];
  const { approved, ended } = exception;
  if (approved)
    entries.push({
      key: 'approved',
      title: text.exceptions.approved,
      moment: approved.at,
      actor: name(approved.by),
      detail: approved.reason,
      tone: 'ok',
    });
  if (ended)
    entries.push({
      key: 'ended',
      title: text.exceptions.states[exception.state],
      moment: ended.at,
      actor: name(ended.by),
      detail: ended.reason,
      tone: 'neutral',
    });
  return entries.reverse();
}
