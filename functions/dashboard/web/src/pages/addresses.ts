/** Where the page of a collection shows its documents. */
const PLACES: Readonly<Record<string, string>> = {
  incidents: '/incidents/',
  checks: '/incidents/checks/',
  overrides: '/overrides/',
  controls: '/overrides/controls/',
  findings: '/audits/findings/',
  exceptions: '/audits/exceptions/',
  audits: '/audits/runs/',
  audit_controls: '/audits/controls/',
  users: '/access/people/',
  access_reviews: '/access/reviews/',
  dead_letters: '/events/letters/',
};

/** The address that shows the document at a path, if a page does. */
export function addressOf(target: string): string | undefined {
  const [collection = '', id, ...deeper] = target.split('/');
  const place = Object.hasOwn(PLACES, collection) ? PLACES[collection] : undefined;
  return place && id && deeper.length === 0 ? place + encodeURIComponent(id) : undefined;
}
