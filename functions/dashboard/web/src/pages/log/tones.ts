import type { IconName } from '../../ui/icons';
import type { Tone } from '../../ui/state';
import type { Outcome } from './examine';
import type { History } from './judged';
import type { WitnessState } from './witness';

export const historyTones: Record<History, Tone> = { unknown: 'neutral', first: 'info', same: 'ok', grown: 'ok', broken: 'bad' };

export const witnessTones: Record<WitnessState['state'], Tone> = { fresh: 'ok', quiet: 'warn', gone: 'bad', never: 'warn' };

export const outcomeTones: Record<Outcome, Tone> = { good: 'ok', weak: 'warn', bad: 'bad', unknown: 'neutral' };

export const outcomeIcons: Record<Outcome, IconName> = {
  good: 'shield-check',
  weak: 'shield',
  bad: 'shield-broken',
  unknown: 'minus-circle',
};
