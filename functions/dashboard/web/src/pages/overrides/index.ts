import type { Page } from '../page';
import { title } from './title';

const overrides: Page = {
  id: 'overrides',
  title,
  icon: 'switch',
  group: 'Operate',
  permissions: ['overrides.read'],
  key: 'r',
  routes: ['history', 'new', 'break-glass', 'controls/:control', ':override'],
  finds: [
    { collection: 'controls', says: 'state', at: 'controls/' },
    { collection: 'overrides', says: 'state', at: '' },
  ],
  load: () => import('./Overrides.svelte'),
};

export default overrides;
