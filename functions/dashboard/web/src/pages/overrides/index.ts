import type { Page } from '../page';
import { text } from './text';

const overrides: Page = {
  id: 'overrides',
  title: text.title,
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
