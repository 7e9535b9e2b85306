import type { Page } from '../page';
import { text } from './text';

const incidents: Page = {
  id: 'incidents',
  title: text.title,
  icon: 'incident',
  group: 'Operate',
  permissions: ['incidents.read'],
  key: 'i',
  routes: ['checks', 'checks/:check', ':incident', ':incident/post-mortem'],
  load: () => import('./Page.svelte'),
};

export default incidents;
