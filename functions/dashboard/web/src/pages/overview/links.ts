/** The page of a collection, and who may open it. */
const COLLECTIONS: Readonly<Record<string, { href: string; permission: string }>> = {
  assets: { href: '/audits/findings', permission: 'findings.read' },
  checks: { href: '/incidents/checks', permission: 'checks.read' },
  exceptions: { href: '/audits/exceptions', permission: 'exceptions.read' },
  findings: { href: '/audits/findings', permission: 'findings.read' },
  incidents: { href: '/incidents', permission: 'incidents.read' },
  journal: { href: '/events', permission: 'journal.read' },
  overrides: { href: '/overrides', permission: 'overrides.read' },
  users: { href: '/access', permission: 'directory.read' },
};

const TOPICS: Readonly<Record<string, { href: string; permission: string }>> = {
  'audit-completed': { href: '/audits', permission: 'audits.read' },
  'audit-requested': { href: '/audits', permission: 'audits.read' },
  'dead-letters': { href: '/events/letters', permission: 'dead_letters.read' },
  'replay-requested': { href: '/events/letters', permission: 'dead_letters.read' },
};

/** Where what a collection or a topic holds is shown to this person; nowhere, if there is no such page. */
export function pageOf(kind: 'document' | 'topic', name: string, can: (permission: string) => boolean): string | undefined {
  const found = (kind === 'document' ? COLLECTIONS : TOPICS)[name];
  return found && can(found.permission) ? found.href : undefined;
}

export const functionHref = (name: string): string => `/?function=${encodeURIComponent(name)}`;
