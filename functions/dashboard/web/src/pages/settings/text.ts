export const text = {
  title: 'Settings',
  you: { title: 'You', name: 'Name', email: 'E-mail', roles: 'Roles', until: 'until', none: 'None', since: 'Signed in', id: 'Your id' },
  look: {
    title: 'Look',
    description: 'Remembered by this browser.',
    theme: 'Theme',
    density: 'Density',
    themes: { system: 'As the system', light: 'Light', dark: 'Dark' },
    densities: { comfortable: 'Comfortable', compact: 'Compact' },
  },
  session: { title: 'Session', description: 'Signing out takes everything of yours from this page.', signOut: 'Sign out' },
  about: { title: 'About', version: 'Dashboard', environment: 'Environment', project: 'Project' },
};
