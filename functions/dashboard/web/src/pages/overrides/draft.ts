import type { Change, Effect, Scope } from '../../documents/override';
import { REASON_MAX, REASON_MIN, reasonError } from '../../reason/reason';
import { GLASS_REASON_MIN, MINUTES_DEFAULT, MINUTES_MAX, TEXT_MAX } from './policy';
import { text } from './text';

/** An override that somebody is about to ask for, as the form holds it. */
export interface Draft {
  control: string;
  effect: Effect['kind'];
  perSecond: string;
  value: string;
  scope: Scope['kind'];
  /** Whom the scope names. */
  whom: string;
  /** `null` while what is written is no duration. */
  minutes: number | null;
  /** A kill stays until somebody lifts it. */
  untilLifted: boolean;
  reason: string;
}

export const EFFECTS = ['pause', 'kill', 'drain', 'read_only', 'throttle', 'force'] as const satisfies Effect['kind'][];
export const SCOPES = ['global', 'module', 'function', 'tenant', 'asset'] as const satisfies Scope['kind'][];

export const emptyDraft = (): Draft => ({
  control: '',
  effect: 'pause',
  perSecond: '1',
  value: '',
  scope: 'global',
  whom: '',
  minutes: MINUTES_DEFAULT,
  untilLifted: true,
  reason: '',
});

export const staysUntilLifted = (draft: Draft): boolean => draft.effect === 'kill' && draft.untilLifted;

/** The change as the API takes it. What is wrong in it is named by the API as by `mistakes`. */
export function toChange(draft: Draft): Change {
  const { minutes } = draft;
  return {
    control: draft.control,
    effect: effectOf(draft),
    scope: scopeOf(draft),
    ...(staysUntilLifted(draft) || minutes === null ? {} : { minutes }),
    reason: draft.reason.trim(),
  };
}

function effectOf({ effect, perSecond, value }: Draft): Effect {
  if (effect === 'throttle') return { kind: effect, per_second: Number(perSecond) };
  return effect === 'force' ? { kind: effect, value } : { kind: effect };
}

function scopeOf({ scope, whom }: Draft): Scope {
  if (scope === 'global') return { kind: scope };
  return scope === 'tenant' ? { kind: scope, id: whom.trim() } : { kind: scope, name: whom.trim() };
}

/** The fields of the form, by the names that the API gives them. */
export type Field = 'control' | 'effect.per_second' | 'effect.value' | 'scope.name' | 'minutes' | 'reason';

/** What is wrong in a draft, before anybody is asked. */
export function mistakes(draft: Draft, emergency = false): Partial<Record<Field, string>> {
  const wrong: Partial<Record<Field, string>> = {};
  const length = (words: string): number => [...words.trim()].length;
  if (!draft.control) wrong.control = text.form.empty;
  if (draft.effect === 'throttle' && !/^[1-9]\d{0,8}$/.test(draft.perSecond.trim())) wrong['effect.per_second'] = text.form.wholeNumber;
  if (draft.effect === 'force' && !fits(length(draft.value), 1)) wrong['effect.value'] = text.form.empty;
  if (draft.scope !== 'global' && !fits(length(draft.whom), 1)) wrong['scope.name'] = text.form.empty;
  const lasts = draft.minutes !== null && draft.minutes >= 1 && draft.minutes <= MINUTES_MAX;
  if (!staysUntilLifted(draft) && !lasts) wrong.minutes = text.form.durationWrong;
  const least = emergency ? GLASS_REASON_MIN : REASON_MIN;
  if (length(draft.reason) < least) wrong.reason = emergency ? text.breaking.reasonShort(least) : reasonError(draft.reason);
  else if (length(draft.reason) > REASON_MAX) wrong.reason = text.reasonLong;
  return wrong;
}

const fits = (length: number, least: number): boolean => length >= least && length <= TEXT_MAX;

/** Reads what an address prefills; what it does not know stays as it is. */
export function fromQuery(query: URLSearchParams, draft: Draft = emptyDraft()): Draft {
  const one = <T extends string>(name: string, known: readonly T[], otherwise: T): T =>
    known.find((candidate) => candidate === query.get(name)) ?? otherwise;
  const minutes = Number(query.get('minutes') ?? NaN);
  const effect = one('effect', EFFECTS, draft.effect);
  return {
    control: query.get('control') ?? draft.control,
    effect,
    perSecond: query.get('per_second') ?? draft.perSecond,
    value: query.get('value') ?? draft.value,
    scope: one('scope', SCOPES, draft.scope),
    whom: query.get('whom') ?? draft.whom,
    minutes: Number.isInteger(minutes) && minutes >= 1 && minutes <= MINUTES_MAX ? minutes : draft.minutes,
    untilLifted: query.has('minutes') ? false : draft.untilLifted,
    reason: query.get('reason') ?? draft.reason,
  };
}

/** What an address keeps of a draft: all but the reason, which belongs into no history of a browser. */
export function toQuery(draft: Draft): Record<string, string | undefined> {
  return {
    control: draft.control || undefined,
    effect: draft.effect,
    per_second: draft.effect === 'throttle' ? draft.perSecond : undefined,
    value: draft.effect === 'force' ? draft.value : undefined,
    scope: draft.scope === 'global' ? undefined : draft.scope,
    whom: draft.scope === 'global' ? undefined : draft.whom,
    minutes: staysUntilLifted(draft) || draft.minutes === null ? undefined : String(draft.minutes),
    reason: undefined,
  };
}

/** The address of a form that is filled in like a change: the same can be asked for again. */
export function askAgain(change: Change): string {
  const { effect, scope = { kind: 'global' } } = change;
  const filled: Draft = {
    ...emptyDraft(),
    control: change.control,
    effect: effect.kind,
    perSecond: effect.kind === 'throttle' ? String(effect.per_second) : '1',
    value: effect.kind === 'force' ? effect.value : '',
    scope: scope.kind,
    whom: scope.kind === 'global' ? '' : scope.kind === 'tenant' ? scope.id : scope.name,
    minutes: change.minutes ?? MINUTES_DEFAULT,
    untilLifted: change.effect.kind === 'kill' && (change.minutes ?? null) === null,
    reason: '',
  };
  const given = Object.entries(toQuery(filled)).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return `/overrides/new?${new URLSearchParams([...given, ['reason', change.reason]]).toString()}`;
}
