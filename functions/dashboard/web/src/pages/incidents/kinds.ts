import type { Schema } from '../../api/types';

export type Probe = Schema<'Probe'>;
export type Kind = Probe['kind'];

/** How a setting is asked for, and how it is written in a check. */
export type Control =
  | { as: 'text'; mono?: boolean }
  /** A whole number, with its unit. */
  | { as: 'number'; unit?: 'seconds' | 'milliseconds' | 'days' | 'messages' | 'letters'; least: number; most: number }
  /** Shown in percent, written in parts per million. */
  | { as: 'percent'; least: number; most: number }
  | { as: 'choice'; of: readonly string[] }
  | { as: 'switch' }
  /** One a line. */
  | { as: 'texts' }
  | { as: 'numbers'; least: number; most: number }
  /** Something that is there already. */
  | { as: 'check' }
  | { as: 'service' }
  | { as: 'person' };

/** One setting of a check: its path within the check, and what it may be. */
export interface Setting {
  path: string;
  control: Control;
  required?: boolean;
  /** What it is unless somebody says otherwise. */
  initial?: string;
}

const text = (path: string, more: Partial<Setting> = {}): Setting => ({ path, control: { as: 'text', mono: true }, ...more });
const seconds = (path: string, least: number, most: number, more: Partial<Setting> = {}): Setting => ({
  path,
  control: { as: 'number', unit: 'seconds', least, most },
  ...more,
});

const host = text('probe.host', { required: true });
const port = (initial?: string): Setting => ({
  path: 'probe.port',
  control: { as: 'number', least: 1, most: 65_535 },
  required: true,
  ...(initial ? { initial } : {}),
});
const age = (least: number, most: number): Setting => seconds('probe.age_max_seconds', least, most, { required: true });

/** What each kind of check has to know. */
export const KINDS: Record<Kind, readonly Setting[]> = {
  http: [
    text('probe.url'),
    { path: 'probe.method', control: { as: 'choice', of: ['GET', 'HEAD'] }, initial: 'GET' },
    { path: 'probe.statuses', control: { as: 'numbers', least: 100, most: 599 } },
    text('probe.body_contains'),
    text('probe.header.name'),
    text('probe.header.contains'),
    { path: 'probe.redirects_max', control: { as: 'number', least: 0, most: 5 }, initial: '0' },
  ],
  tcp: [host, port()],
  grpc: [host, port(), text('probe.service'), { path: 'probe.tls', control: { as: 'switch' } }],
  dns: [
    text('probe.name', { required: true }),
    { path: 'probe.record', control: { as: 'choice', of: ['A', 'AAAA', 'CNAME', 'MX', 'TXT', 'NS'] }, initial: 'A' },
    { path: 'probe.expect', control: { as: 'texts' } },
    text('probe.server', { required: true }),
  ],
  tls: [
    host,
    port('443'),
    { path: 'probe.degraded_days', control: { as: 'numbers', least: 1, most: 365 }, initial: '30, 14' },
    { path: 'probe.bad_days', control: { as: 'number', unit: 'days', least: 0, most: 365 }, initial: '7' },
  ],
  heartbeat: [seconds('probe.period_seconds', 10, 2_678_400, { required: true }), seconds('probe.grace_seconds', 0, 86_400, { initial: '0' })],
  pubsub: [
    text('probe.subscription', { required: true }),
    age(10, 604_800),
    { path: 'probe.backlog_max', control: { as: 'number', unit: 'messages', least: 0, most: 4_294_967_295 } },
  ],
  dead_letters: [
    { path: 'probe.depth_max', control: { as: 'number', unit: 'letters', least: 0, most: 1000 }, required: true, initial: '0' },
    text('probe.function'),
  ],
  firestore_lag: [
    { path: 'probe.lag_max_ms', control: { as: 'number', unit: 'milliseconds', least: 10, most: 30_000 }, required: true },
  ],
  schedule: [text('probe.schedule', { required: true }), age(60, 34_560_000)],
  slo: [
    { path: 'probe.of', control: { as: 'check' }, required: true },
    { path: 'probe.target_ppm', control: { as: 'percent', least: 500_000, most: 999_999 }, required: true, initial: '99.9' },
  ],
  staleness: [text('probe.document', { required: true }), text('probe.field', { required: true }), age(1, 31_536_000)],
};

/** What every check is about. */
export const ABOUT: readonly Setting[] = [
  { path: 'name', control: { as: 'text' }, required: true },
  { path: 'service', control: { as: 'service' } },
  { path: 'severity', control: { as: 'choice', of: ['p1', 'p2', 'p3', 'p4'] }, initial: 'p2' },
  { path: 'owner', control: { as: 'person' } },
  { path: 'parent', control: { as: 'check' } },
];

/** How often every check runs, and when it matters. */
export const RUNS: readonly Setting[] = [
  { path: 'enabled', control: { as: 'switch' }, initial: 'yes' },
  seconds('interval_seconds', 10, 86_400, { required: true, initial: '60' }),
  seconds('timeout_seconds', 1, 30, { required: true, initial: '10' }),
  { path: 'fire_after', control: { as: 'number', least: 1, most: 20 }, required: true, initial: '2' },
  { path: 'clear_after', control: { as: 'number', least: 1, most: 20 }, required: true, initial: '2' },
  { path: 'degraded_above_ms', control: { as: 'number', unit: 'milliseconds', least: 1, most: 30_000 } },
];

export const isKind = (word: string | null): word is Kind => word !== null && Object.hasOwn(KINDS, word);

/** Every setting of a check of a kind. */
export const settingsOf = (kind: Kind): readonly Setting[] => [...ABOUT, ...KINDS[kind], ...RUNS];
