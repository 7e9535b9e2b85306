import type { Page } from '../page';
import { text } from './text';

const settings: Page = {
  id: 'settings',
  title: text.title,
  icon: 'settings',
  key: ',',
  routes: ['look', 'second-factor', 'keyboard', 'session', 'about'],
  load: () => import('./Settings.svelte'),
};

export default settings;
