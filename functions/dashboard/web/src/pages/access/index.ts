import type { Page } from '../page';
import { text } from './text';

const access: Page = {
  id: 'access',
  title: text.title,
  icon: 'key',
  group: 'Govern',
  permissions: ['directory.read'],
  key: 'c',
  routes: ['people/:person', 'elevations', 'reviews', 'reviews/:review', 'questions', 'unused'],
  load: () => import('./Access.svelte'),
};

export default access;
