import type { Page } from '../page';
import { title } from './title';

const audits: Page = {
  id: 'audits',
  title,
  icon: 'audit',
  group: 'Govern',
  permissions: ['audits.read', 'findings.read'],
  key: 'a',
  routes: ['findings', 'findings/:finding', 'controls', 'controls/:control', 'exceptions', 'exceptions/:exception', 'runs/:audit'],
  finds: [
    { collection: 'findings', says: 'title', at: 'findings/' },
    { collection: 'audit_controls', says: 'title', at: 'controls/' },
    { collection: 'exceptions', says: 'state', at: 'exceptions/' },
    { collection: 'audits', says: 'reason', at: 'runs/' },
  ],
  load: () => import('./Audits.svelte'),
};

export default audits;
