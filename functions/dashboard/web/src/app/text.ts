import type { Problem } from '../session/signing-in';
import type { Refusal } from '../session/session.svelte';

/** What the frame of the page says, outside of any page. */
export const text = {
  product: 'Mesh',
  starting: 'Starting',
  noConfig: { title: 'The dashboard cannot start', then: 'Ask whoever runs it to look at `/config.json`, then load the page again.' },
  signIn: {
    title: 'Sign in',
    email: 'E-mail',
    password: 'Password',
    submit: 'Sign in',
    google: 'Continue with Google',
    forgot: 'Forgot your password?',
    back: 'Back to sign in',
    code: 'Code of your authenticator',
    codeSubmit: 'Confirm',
  },
  reset: {
    title: 'Set a new password',
    hint: 'If there is an account with this address, a link is on its way.',
    submit: 'Send a link',
    sent: 'Look into your mail. The link works for an hour.',
  },
  invitation: {
    title: 'Accept your invitation',
    hint: 'Choose a password of 12 characters or more. You sign in with it from now on.',
    password: 'New password',
    again: 'The same password again',
    differ: 'The two are not the same.',
    short: 'Use 12 characters or more.',
    submit: 'Accept and sign in',
    missing: 'This link holds no invitation. Open the whole link that you were sent.',
  },
  reauthenticate: {
    title: 'Show that it is you',
    hint: 'This needs a sign-in of the last five minutes.',
    submit: 'Confirm',
  },
  problems: {
    wrong: 'Address and password do not belong together.',
    'too-many': 'Too many tries. Wait a few minutes, or set a new password.',
    unreachable: 'The sign-in service cannot be reached. Try again in a moment.',
    closed: 'The window was closed before the sign-in was finished.',
    code: 'This code is not right, or not right any more. Enter the next one.',
  } satisfies Record<Problem, string>,
  refusals: {
    unknown: {
      title: 'You have no access yet',
      detail: 'You are signed in, but nobody has let you into this mesh. Ask an admin to invite you.',
    },
    disabled: { title: 'Your access is shut', detail: 'An admin has shut it. Ask them why, and to open it again.' },
    invited: { title: 'Your invitation is not accepted yet', detail: 'Open the link that you were sent, and choose a password.' },
    ended: { title: 'Your session was ended', detail: 'Sign in again.' },
    unreachable: { title: 'The mesh cannot be reached', detail: 'The page tries again by itself.' },
  } satisfies Record<Refusal, { title: string; detail: string }>,
  endedNotice: 'Your session was ended. Sign in again.',
  signOut: 'Sign out',
  offline: { title: 'You are offline', detail: 'What you see may be old. It is brought up to date when the connection is back.' },
  uncounted: {
    title: (roles: string[]) =>
      `Your ${roles.length === 1 ? 'role' : 'roles'} ${roles.map((role) => `\`${role}\``).join(', ')} ${roles.length === 1 ? 'counts' : 'count'} only with a second factor`,
    detail: 'Set up an authenticator, then sign in with it.',
    go: 'Go to your settings',
  },
  halted: 'Halted',
  notFound: { name: 'Not found', title: 'There is no such page', detail: 'The address may be old or mistyped', back: 'Go to the first page' },
  forbidden: { title: 'Your roles do not open this page', detail: (permissions: string) => `It needs ${permissions}. An admin can lend you a role that has it.` },
  failedLoad: { title: 'This page could not be loaded', detail: 'The dashboard may have been renewed meanwhile.', again: 'Load again' },
  search: 'Pages, actions, records',
  shortcuts: { palette: 'Find anything', help: 'Show shortcuts', go: (title: string) => `Go to ${title}`, navigate: 'Go to', general: 'Everywhere' },
  theme: { light: 'Light theme', dark: 'Dark theme' },
  commands: { pages: 'Pages', actions: 'Actions' },
};
