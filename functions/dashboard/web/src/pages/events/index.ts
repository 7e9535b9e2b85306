import type { Page } from '../page';
import { text } from './text';

const events: Page = {
  id: 'events',
  title: text.title,
  icon: 'activity',
  group: 'Operate',
  permissions: ['journal.read', 'dead_letters.read'],
  key: 'e',
  routes: ['traces/:correlation', 'letters', 'letters/:letter'],
  load: () => import('./Page.svelte'),
};

export default events;
