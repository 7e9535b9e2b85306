import { text } from './text';

/** What the policy says of a control; a test compares it with `policy.yaml` of shared/model. */
interface Spec {
  /** How old what a module knows of it may become. */
  maxAgeSeconds: number;
  /** Whether it counts as halted then. */
  closed: boolean;
}

/** Every control, the gravest first. */
export const CONTROLS: Readonly<Record<string, Spec>> = {
  trading: { maxAgeSeconds: 30, closed: true },
  allocation: { maxAgeSeconds: 120, closed: true },
  sales: { maxAgeSeconds: 120, closed: true },
  messages: { maxAgeSeconds: 300, closed: false },
  ai: { maxAgeSeconds: 300, closed: false },
  dns: { maxAgeSeconds: 120, closed: true },
  remediation: { maxAgeSeconds: 120, closed: true },
  forcing: { maxAgeSeconds: 300, closed: false },
};

/** The safety rules that whoever breaks glass may break. */
export const WAIVED: ReadonlySet<string> = new Set([
  'whoever-is-on-call-can-be-reached',
  'no-oscillation',
  'not-everything-at-once',
]);

/** The name of a control for people; one that nobody knows keeps its own. */
export const controlTitle = (name: string): string => text.controls[name]?.title ?? name;

/** How long a request waits for consent, and an emergency for its review. */
export const WAITS_MS = 15 * 60_000;
/** How long an override lasts at most, and unless somebody says otherwise. */
export const MINUTES_MAX = 24 * 60;
export const MINUTES_DEFAULT = 60;
/** As the API bounds names and values, in characters. */
export const TEXT_MAX = 500;
/** Who breaks glass says more: it is read when everybody asks why. */
export const GLASS_REASON_MIN = 20;
