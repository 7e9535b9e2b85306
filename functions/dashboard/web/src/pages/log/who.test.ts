import { expect, it } from 'vitest';
import { actorKey, actorName } from './who';

it('calls people by their address and services by their name', () => {
  const service = { kind: 'service' as const, account: 'audit-engine@demo-mesh.iam.gserviceaccount.com' };
  expect([actorName(service), actorKey(service)]).toEqual(['audit-engine', service.account]);
  const person = { kind: 'person' as const, uid: 'local-vera' };
  expect([actorName(person), actorKey({ ...person, email: 'vera@meridian.example' })]).toEqual(['local-vera', 'vera@meridian.example']);
});
