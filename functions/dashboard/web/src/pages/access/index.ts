import type { Page } from '../page';
import { title } from './title';

const access: Page = {
  id: 'access',
  title,
  icon: 'key',
  group: 'Govern',
  permissions: ['directory.read'],
  key: 'c',
  routes: ['people/:person', 'elevations', 'reviews', 'reviews/:review', 'questions', 'unused'],
  finds: [{ collection: 'users', by: ['email'], says: 'display_name', at: 'people/' }],
  load: () => import('./Access.svelte'),
};

export default access;
