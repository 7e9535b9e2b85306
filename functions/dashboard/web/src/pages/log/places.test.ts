import { expect, it } from 'vitest';
import { placeOf } from './targets';
import { actorKey, actorName } from './who';

it('leads from what changed to where it shows', () => {
  expect(placeOf('users/local-vera')).toBe('/access/people/local-vera');
  expect(placeOf('findings/a b')).toBe('/audits/findings/a%20b');
  for (const target of ['assets/x', 'checks/a/results/b', 'users', 'users/', '']) expect(placeOf(target), target).toBeUndefined();
});

it('calls people by their address and services by their name', () => {
  const service = { kind: 'service' as const, account: 'audit-engine@demo-mesh.iam.gserviceaccount.com' };
  expect([actorName(service), actorKey(service)]).toEqual(['audit-engine', service.account]);
  const person = { kind: 'person' as const, uid: 'local-vera' };
  expect([actorName(person), actorKey({ ...person, email: 'vera@meridian.example' })]).toEqual(['local-vera', 'vera@meridian.example']);
});
