import type { Page } from '../page';
import { title } from './title';

const settings: Page = {
  id: 'settings',
  title,
  icon: 'settings',
  key: ',',
  routes: ['notifications', 'look', 'second-factor', 'keyboard', 'session', 'about'],
  load: () => import('./Settings.svelte'),
};

export default settings;
