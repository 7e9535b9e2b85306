/** What the components accept as a moment. */
export type Moment = Date | number | string;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Clocks differ: what the server wrote just now may lie somewhat ahead of this machine's clock. */
const SKEW = 5_000;

export function toMillis(moment: Moment): number {
  return moment instanceof Date ? moment.getTime() : typeof moment === 'number' ? moment : Date.parse(moment);
}

/** `just now`, `3 min ago`, `in 2 h`, `5 days ago`; beyond a month the date itself says more. */
export function relative(moment: Moment, now: number): string {
  const then = toMillis(moment);
  if (Number.isNaN(then)) return String(moment);
  const distance = Math.abs(now - then);
  const past = then < now + SKEW;
  const say = (amount: number, unit: string): string => (past ? `${amount} ${unit} ago` : `in ${amount} ${unit}`);

  if (distance < MINUTE) return past ? 'just now' : 'in a moment';
  if (distance < HOUR) return say(Math.floor(distance / MINUTE), 'min');
  if (distance < DAY) return say(Math.floor(distance / HOUR), 'h');
  const days = Math.floor(distance / DAY);
  if (days < 31) return say(days, days === 1 ? 'day' : 'days');
  return shortDate(then, now);
}

function shortDate(then: number, now: number): string {
  const sameYear = new Date(then).getFullYear() === new Date(now).getFullYear();
  return new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    ...(sameYear ? {} : { year: 'numeric' }),
  }).format(then);
}

const whole = new Intl.DateTimeFormat('en-GB', {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'short',
});
const brief = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });

/** The moment in the reader's own zone: `Mon, 3 Mar 2025, 14:05:09 CET`. */
export const precise = (moment: Moment): string => format(whole, moment);

/** Without the year and seconds, for what is near. */
export const absolute = (moment: Moment): string => format(brief, moment);

function format(formatter: Intl.DateTimeFormat, moment: Moment): string {
  const millis = toMillis(moment);
  return Number.isNaN(millis) ? String(moment) : formatter.format(millis);
}

/** For `<time datetime>`; empty when the moment is not one. */
export function machine(moment: Moment): string {
  const millis = toMillis(moment);
  return Number.isNaN(millis) ? '' : new Date(millis).toISOString();
}
