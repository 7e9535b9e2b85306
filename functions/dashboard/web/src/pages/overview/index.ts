import type { Page } from '../page';
import { text } from './text';

const overview: Page = {
  id: '',
  title: text.title,
  icon: 'overview',
  group: 'Operate',
  permissions: ['services.read'],
  key: 'o',
  load: () => import('./Overview.svelte'),
};

export default overview;
