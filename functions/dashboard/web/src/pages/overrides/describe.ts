import type { Change, Effect, Scope } from '../../documents/override';
import { writeDuration } from '../../ui/duration';
import { MINUTES_DEFAULT, MINUTES_MAX } from './policy';
import { text } from './text';

/** What an effect does, in words. */
export function effectWords(effect: Effect): string {
  if (effect.kind === 'throttle') return text.throttledTo(effect.per_second);
  if (effect.kind === 'force') return text.forced(effect.value);
  return text.effects[effect.kind].title;
}

/** What a restriction does: of commands on assets, one permits what is forbidden otherwise. */
export function effectOn(control: string, effect: Effect, scope: Scope): string {
  const permits = control === 'remediation' && effect.kind === 'force' && scope.kind === 'asset';
  return permits ? text.permitted(effect.value) : effectWords(effect);
}

/** Whom a scope concerns, in words. */
export function scopeWords(scope: Scope = { kind: 'global' }): string {
  if (scope.kind === 'global') return text.scopes.global.of;
  const word = text.scopes[scope.kind].name.toLowerCase();
  return text.scoped(word, scope.kind === 'tenant' ? scope.id : scope.name);
}

/** Whether it stays for as long as somebody confirms it each day. */
export const isConfirmedDaily = (change: Change): boolean =>
  change.effect.kind === 'kill' && (change.minutes ?? null) === null;

/** For how many minutes it is in force without being confirmed. */
export const minutesInForce = (change: Change): number =>
  change.minutes ?? (change.effect.kind === 'kill' ? MINUTES_MAX : MINUTES_DEFAULT);

/** How long it lasts, in words. */
export const lastingWords = (change: Change): string =>
  isConfirmedDaily(change) ? text.untilLifted : text.lasting(writeDuration(minutesInForce(change) * 60));

/** The effect alone, as it begins a line: `Pause`, `Throttle to 5 a second`. */
export const changeWords = (change: Change): string =>
  effectOn(change.control, change.effect, change.scope ?? { kind: 'global' });

/** A change line by line, for two versions beside each other. */
export const changeLines = (change: Change): string =>
  [change.control, changeWords(change), scopeWords(change.scope), lastingWords(change), change.reason].join('\n');
