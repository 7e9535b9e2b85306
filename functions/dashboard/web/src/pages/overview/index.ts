import type { Page } from '../page';
import { title } from './title';

const overview: Page = {
  id: '',
  title,
  icon: 'overview',
  group: 'Operate',
  permissions: ['services.read'],
  key: 'o',
  load: () => import('./Overview.svelte'),
};

export default overview;
