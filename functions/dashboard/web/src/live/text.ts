/** What is said of a list that is listened to. */
export const text = {
  refused: 'Your roles do not open this list.',
  notRead: 'This could not be read.',
  again: 'Load again',
  broken: 'Not up to date: the connection broke, and is tried again.',
  offline: 'Not up to date: there is no connection.',
  more: (shown: number) => `Only ${shown.toLocaleString('en')} are shown; there are more.`,
};
