import type { Role } from '../../access/person';

/** Roles that one person does not hold together: who changes something is not who checks it. As `Role::conflicts`. */
const APART: readonly (readonly [Role, Role])[] = [
  ['auditor', 'operator'],
  ['auditor', 'treasurer'],
  ['auditor', 'admin'],
];

/** The pairs among some roles that nobody may hold together. */
export const conflicts = (roles: readonly Role[]): (readonly [Role, Role])[] =>
  APART.filter(([one, other]) => roles.includes(one) && roles.includes(other));
