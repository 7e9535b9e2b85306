/** What is said of a list that is listened to. */
export const text = {
  refused: 'Your roles do not open this list.',
  broken: 'Not up to date: the connection broke, and is tried again.',
  offline: 'Not up to date: there is no connection.',
  more: (shown: number) => `The newest ${shown.toLocaleString('en')} are shown; there are more.`,
};
