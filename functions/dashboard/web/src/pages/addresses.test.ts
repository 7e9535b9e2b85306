import { expect, it } from 'vitest';
import { addressOf } from './addresses';

it('leads from a document to the page that shows it', () => {
  expect(addressOf('users/local-vera')).toBe('/access/people/local-vera');
  expect(addressOf('findings/a b')).toBe('/audits/findings/a%20b');
  expect(addressOf('checks/a b')).toBe('/incidents/checks/a%20b');
});

it('leads nowhere where no page shows it', () => {
  for (const target of ['assets/x', 'checks', 'checks/a/results/b', 'users/', 'toString/a', '']) expect(addressOf(target), target).toBeUndefined();
});
