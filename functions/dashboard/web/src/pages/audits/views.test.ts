import { expect, it } from 'vitest';
import { parsed, replaced } from './views';

it('what was kept is read, and what is none forgotten', () => {
  expect(parsed('[{"name":"Mine","query":"state=open","more":1},{"name":3},null]')).toEqual([{ name: 'Mine', query: 'state=open' }]);
  for (const kept of [null, '', '{', '{}', '3']) expect(parsed(kept)).toEqual([]);
});

it('a view takes the place of the one with its name', () =>
  expect(replaced([{ name: 'b', query: '1' }, { name: 'c', query: '2' }], { name: 'b', query: '3' })).toEqual([
    { name: 'b', query: '3' },
    { name: 'c', query: '2' },
  ]));
