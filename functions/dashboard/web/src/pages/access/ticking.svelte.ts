/** Whether an elevation is over shows within this time, in milliseconds. */
const TICK_MS = 1_000;

/** The time, for as long as the component lives. */
export function ticking(): { readonly now: number } {
  let now = $state(Date.now());
  $effect(() => {
    const timer = setInterval(() => (now = Date.now()), TICK_MS);
    return () => clearInterval(timer);
  });
  return {
    get now() {
      return now;
    },
  };
}
