import type { Page } from '../page';
import { text } from './text';

const audits: Page = {
  id: 'audits',
  title: text.title,
  icon: 'audit',
  group: 'Govern',
  permissions: ['audits.read', 'findings.read'],
  key: 'a',
  routes: ['findings', 'findings/:finding', 'controls', 'controls/:control', 'exceptions', 'exceptions/:exception', 'runs/:audit'],
  load: () => import('./Audits.svelte'),
};

export default audits;
