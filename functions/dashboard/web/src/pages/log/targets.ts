/** Where the page of a collection shows its documents. */
const PLACES: Record<string, string> = {
  users: '/access/people/',
  overrides: '/overrides/',
  incidents: '/incidents/',
  findings: '/audits/findings/',
  exceptions: '/audits/exceptions/',
  audits: '/audits/runs/',
  audit_controls: '/audits/controls/',
  access_reviews: '/access/reviews/',
};

/** The address at which a document may be looked at; whether there is such a page is another question. */
export function placeOf(target: string): string | undefined {
  const [collection = '', id, ...deeper] = target.split('/');
  const base = PLACES[collection];
  return base && id && deeper.length === 0 ? base + encodeURIComponent(id) : undefined;
}
