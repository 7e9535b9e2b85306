import type { Page } from '../page';
import { title } from './title';

const log: Page = {
  id: 'log',
  title,
  icon: 'log',
  group: 'Govern',
  permissions: ['log.read'],
  key: 'l',
  routes: ['records/:record', 'entries/:index', 'replays', 'copy'],
  load: () => import('./Log.svelte'),
};

export default log;
