/** What is said of people, and of who may do what. */
export const text = {
  you: 'you',
  needs: (permission: string, roles: string) => `Needs the permission ${permission}: ${roles}`,
  roles: { none: 'nobody has it', of: (roles: string) => `ask somebody who is ${roles}` },
};
