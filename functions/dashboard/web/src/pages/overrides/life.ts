import type { Actor } from '../../documents/actor';
import type { Override, OverrideState } from '../../documents/override';
import type { IconName } from '../../ui/icons';
import type { Tone } from '../../ui/state';
import type { TimelineEntry } from '../../ui/Timeline.svelte';
import { isConfirmedDaily } from './describe';
import { lapsesAt, needsReview } from './deciding';
import { controlTitle } from './policy';
import { text } from './text';

export const overrideTone: Record<OverrideState, Tone> = {
  requested: 'info',
  approved: 'info',
  active: 'bad',
  rejected: 'neutral',
  withdrawn: 'neutral',
  lapsed: 'warn',
  expired: 'neutral',
  lifted: 'ok',
  superseded: 'neutral',
  failed: 'warn',
};

export const overrideIcon: Record<OverrideState, IconName> = {
  requested: 'clock',
  approved: 'check',
  active: 'stop',
  rejected: 'x-circle',
  withdrawn: 'undo',
  lapsed: 'clock',
  expired: 'clock',
  lifted: 'unlock',
  superseded: 'refresh',
  failed: 'incident',
};

interface Names {
  name: (uid: string) => string;
  actor: (actor: Actor) => string;
}

/** The whole life of an override, the earliest first; what is still to come by itself stands at the end. */
export function life(override: Override, { name, actor }: Names): TimelineEntry[] {
  const { change } = override;
  const entries: TimelineEntry[] = [{ ...beginning(override), moment: override.requested_at, actor: actor(override.requested_by), detail: change.reason }];
  for (const [index, approval] of (override.approvals ?? []).entries())
    entries.push({
      key: `approval-${approval.by}`,
      title: text.life.agreed(index + 1, override.approvals_needed),
      moment: approval.at,
      actor: name(approval.by),
      tone: 'info',
      icon: 'check',
    });
  if (override.activated_at)
    entries.push({
      key: 'active',
      title: text.life.active,
      moment: override.activated_at,
      tone: 'bad',
      icon: 'stop',
      ...(override.prior ? { detail: text.life.was(controlTitle(change.control), text.states[override.prior].toLowerCase()) } : {}),
    });
  const said = (key: string, title: string, what: Override['confirmed'], icon: IconName): void => {
    if (what) entries.push({ key, title, moment: what.at, actor: actor(what.by), detail: what.reason, icon, tone: 'info' });
  };
  said('confirmed', text.life.confirmed, override.confirmed, 'refresh');
  // What was lifted says so once: at its end.
  if (override.state === 'active') said('lift', text.life.lifting, override.lift, 'unlock');
  said('reviewed', text.life.reviewed, override.review?.done, 'eye');
  if (override.ended)
    entries.push({
      key: 'ended',
      title: text.override.state[override.state],
      moment: override.ended.at,
      actor: actor(override.ended.by),
      detail: override.ended.reason,
      tone: overrideTone[override.state],
      icon: overrideIcon[override.state],
    });
  entries.sort((one, other) => Date.parse(String(one.moment)) - Date.parse(String(other.moment)));
  return [...entries, ...coming(override)];
}

function beginning(override: Override): Pick<TimelineEntry, 'key' | 'title' | 'icon' | 'tone'> {
  if (override.review) return { key: 'requested', title: text.life.brokeGlass, icon: 'shield-broken', tone: 'warn' };
  if (!override.rule) return { key: 'requested', title: text.life.requested, icon: 'flag', tone: 'neutral' };
  const title = override.approvals_needed > 0 ? text.life.proposed : text.life.applied;
  return { key: 'requested', title, icon: 'activity', tone: 'neutral' };
}

function coming(override: Override): TimelineEntry[] {
  const entries: TimelineEntry[] = [];
  if (override.state === 'requested') entries.push({ key: 'lapses', title: text.life.lapses, moment: lapsesAt(override), icon: 'clock' });
  if (override.state === 'active' && override.until)
    entries.push({
      key: 'until',
      title: text.life.until,
      moment: override.until,
      icon: 'clock',
      ...(isConfirmedDaily(override.change) ? { detail: text.life.unlessConfirmed } : {}),
    });
  if (needsReview(override) && override.review)
    entries.push({ key: 'due', title: text.life.reviewDue, moment: override.review.due_at, icon: 'eye', tone: 'warn' });
  return entries;
}

/** The override that took the place of one, as its end names it. */
export const supersededBy = (override: Override): string | undefined =>
  override.state === 'superseded' ? /`([^`]+)`/.exec(override.ended?.reason ?? '')?.[1] : undefined;
