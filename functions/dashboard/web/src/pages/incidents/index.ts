import type { Page } from '../page';
import { title } from './title';

const incidents: Page = {
  id: 'incidents',
  title,
  icon: 'incident',
  group: 'Operate',
  permissions: ['incidents.read'],
  key: 'i',
  routes: ['checks', 'new-check', 'checks/:check', 'checks/:check/edit', ':incident', ':incident/post-mortem'],
  finds: [
    { collection: 'incidents', by: ['title'], says: 'title', at: '' },
    { collection: 'checks', says: 'detail', at: 'checks/' },
  ],
  load: () => import('./Page.svelte'),
};

export default incidents;
