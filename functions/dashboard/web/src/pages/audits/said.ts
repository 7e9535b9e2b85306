import type { TimelineEntry } from '../../ui/Timeline.svelte';
import { actorName, type Exception } from './documents';
import { text } from './text';

/** What people said about an exception, newest first. */
export function said(exception: Exception): TimelineEntry[] {
  const entries: TimelineEntry[] = [
    {
      key: 'asked',
      title: text.exceptions.asked,
      moment: exception.requested_at,
      actor: actorName(exception.requested_by),
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
      actor: actorName(approved.by),
      detail: approved.reason,
      tone: 'ok',
    });
  if (ended)
    entries.push({
      key: 'ended',
      title: text.exceptions.states[exception.state],
      moment: ended.at,
      actor: actorName(ended.by),
      detail: ended.reason,
      tone: 'neutral',
    });
  return entries.reverse();
}
