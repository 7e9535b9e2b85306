import type { Tone } from '../../ui/state';
import type { Audit, Exception, FindingState } from './documents';

export const findingTones: Record<FindingState, Tone> = { open: 'bad', exempt: 'warn', resolved: 'ok' };
export const runTones: Record<Audit['state'], Tone> = { requested: 'info', running: 'info', completed: 'ok' };
export const exceptionTones: Record<Exception['state'], Tone> = {
  requested: 'info',
  approved: 'warn',
  rejected: 'bad',
  withdrawn: 'neutral',
  revoked: 'neutral',
  expired: 'neutral',
};
