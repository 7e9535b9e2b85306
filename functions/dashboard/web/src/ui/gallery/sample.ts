/** Sample values for the gallery, from a small generator, so that each visit shows the same. */
import type { SeverityLevel } from '../state';

export interface SampleFinding {
  id: string;
  control: string;
  asset: string;
  owner: string;
  severity: SeverityLevel;
  state: 'open' | 'excepted' | 'resolved';
  exposure: number;
  since: number;
}

export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const controls = [
  'Storage buckets are not public',
  'Service accounts hold no basic role',
  'Keys rotate within 90 days',
  'Databases demand TLS and hold a backup that was restored within the last quarter',
  'Firewall rules are narrow',
];
const severities: SeverityLevel[] = ['critical', 'high', 'medium', 'low', 'info'];
const states = ['open', 'excepted', 'resolved'] as const;
const owners = ['Audrey Vance', 'Tomás Ferreira', 'Ines Maurer', 'platform@meridian.example'];

export function findings(amount: number, now: number): SampleFinding[] {
  const next = random(7);
  const pick = <Item>(list: readonly Item[]): Item => list[Math.floor(next() * list.length)] as Item;
  return Array.from({ length: amount }, (_, at) => ({
    id: `finding-${at + 1}`,
    control: pick(controls),
    asset: `projects/meridian-${pick(['prod', 'stage', 'lab'])}/instances/vm-${Math.floor(next() * 4000)}`,
    owner: pick(owners),
    severity: pick(severities),
    state: pick(states),
    exposure: Math.round(next() * 100_000) / 10,
    since: now - Math.floor(next() * 90 * 86_400_000),
  }));
}

export function seriesOf(length: number, seed: number, base: number): (number | null)[] {
  const next = random(seed);
  let level = base;
  return Array.from({ length }, (_, at) => {
    level = Math.max(0, level + (next() - 0.5) * base * 0.2);
    return at > length * 0.55 && at < length * 0.62 ? null : level;
  });
}
