export const text = {
  reason: 'Reason',
  hint: 'Kept in the journal for good.',
  short: 'At least 3 characters',
  notDone: (title: string) => `Not done: ${title}`,
};
