import type { Opened } from '../../tlog/opened';

/** The sealer has the last checkpoint cosigned anew every minute; a few rounds may be missed. */
const QUIET_MS = 5 * 60_000;
/** After an hour nobody outside has looked at the log for as long as an attack may take. */
const GONE_MS = 60 * 60_000;

export interface WitnessState {
  state: 'fresh' | 'quiet' | 'gone' | 'never';
  /** By name, as the policy has it. */
  witnesses: { name: string; at: number }[];
  /** The latest cosignature, in milliseconds since 1970. */
  at: number | undefined;
  /** How many entries were added since. */
  behind: number;
}

/** How far the witnesses follow the log. Only cosignatures that were verified count. */
export function witnessState(latest: Opened, witnessed: Opened | undefined, now: number): WitnessState {
  const good = witnessed?.signed ? witnessed.signatures.filter((one) => one.whose === 'witness' && one.good) : [];
  const witnesses = good.map((one) => ({ name: one.witness ?? one.name, at: (one.seconds ?? 0) * 1000 }));
  if (!witnessed || witnesses.length === 0) return { state: 'never', witnesses: [], at: undefined, behind: latest.checkpoint.size };
  const at = Math.max(...witnesses.map((witness) => witness.at));
  const age = now - at;
  const state = age > GONE_MS ? 'gone' : age > QUIET_MS ? 'quiet' : 'fresh';
  return { state, witnesses, at, behind: Math.max(0, latest.checkpoint.size - witnessed.checkpoint.size) };
}
