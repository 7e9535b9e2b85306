import matrix from './matrix.json';
import { type Role } from './person';

/** A permission, such as `incidents.acknowledge`; the table is made from shared/model. */
export type Permission = string;

const holders = new Map(matrix.permissions.map((permission) => [permission.id, permission.roles as Role[]]));

/** The roles that hold a permission. */
export const rolesWith = (permission: Permission): Role[] => holders.get(permission) ?? [];

/** Whether one of the roles holds a permission. One that nobody knows is held by nobody. */
export const holds = (roles: readonly Role[], permission: Permission): boolean =>
  rolesWith(permission).some((role) => roles.includes(role));

/** The collections that the permissions of some roles open. */
export function readable(roles: readonly Role[]): Set<string> {
  const open = matrix.permissions.filter((permission) => holds(roles, permission.id));
  return new Set(open.flatMap((permission) => permission.reads));
}
