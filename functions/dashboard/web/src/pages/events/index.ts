import type { Page } from '../page';
import { title } from './title';

const events: Page = {
  id: 'events',
  title,
  icon: 'activity',
  group: 'Operate',
  permissions: ['events.read', 'dead_letters.read'],
  key: 'e',
  routes: ['of/:record', 'traces/:correlation', 'letters', 'letters/:letter'],
  finds: [{ collection: 'dead_letters', says: 'reason', at: 'letters/' }],
  load: () => import('./Page.svelte'),
};

export default events;
