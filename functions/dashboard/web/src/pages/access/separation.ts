import matrix from '../../access/matrix.json';
import type { Role } from '../../access/person';

/** Roles that one person does not hold together: who changes something is not who checks it. */
const APART = matrix.apart as unknown as readonly (readonly [Role, Role])[];

/** The pairs among some roles that nobody may hold together. */
export const conflicts = (roles: readonly Role[]): (readonly [Role, Role])[] =>
  APART.filter(([one, other]) => roles.includes(one) && roles.includes(other));
