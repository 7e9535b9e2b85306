// Every page, and every dialog with the way to it: what is added gets a line here.

/** The pages by their names, with the address of each. */
export const pagesOf = (it) => ({
  overview: '/',
  function: '/?function=iam-control',
  events: '/events',
  change: `/events/of/${it.record}`,
  trace: `/events/traces/${encodeURIComponent(it.correlation)}`,
  // Letters of a machine that was too slow for itself are not of the stories.
  letters: '/events/letters?search=no+name',
  letter: `/events/letters/${it.letter}`,
  incidents: '/incidents',
  incident: `/incidents/${it.incident}`,
  'post-mortem': `/incidents/${it.incident}/post-mortem`,
  checks: '/incidents/checks',
  check: '/incidents/checks/iam-control-http',
  'edit-check': '/incidents/checks/iam-control-http/edit',
  'new-check': '/incidents/new-check',
  overrides: '/overrides',
  override: `/overrides/${it.override}`,
  'override-history': '/overrides/history',
  'new-override': '/overrides/new?control=trading',
  'break-glass': '/overrides/break-glass',
  'override-control': '/overrides/controls/trading',
  audits: '/audits',
  audit: `/audits/runs/${encodeURIComponent(it.audit)}`,
  findings: '/audits/findings',
  finding: `/audits/findings/${it.finding}`,
  controls: '/audits/controls',
  control: `/audits/controls/${it.control}`,
  exceptions: '/audits/exceptions',
  exception: `/audits/exceptions/${it.exception}`,
  log: '/log',
  entry: '/log/entries/0',
  record: `/log/records/${it.record}`,
  replays: '/log/replays',
  copy: '/log/copy',
  access: '/access',
  'edit-roles': '/access?edit=1',
  person: '/access/people/local-oscar',
  elevations: '/access/elevations',
  reviews: '/access/reviews',
  review: `/access/reviews/${it.review}`,
  'who-can': '/access/questions?ask=who&permission=overrides.approve',
  'what-can': '/access/questions?ask=what&person=local-oscar',
  'what-if': '/access/questions?ask=what-if',
  unused: '/access/unused',
  settings: '/settings',
  'not-found': '/nowhere',
});

const press = (name) => (page) => page.getByRole('button', { name }).first().click();
const asked = () => undefined;
const saveRoles = async (page) => {
  await page.getByLabel('Operator for Vera Viewer').check();
  await page.getByRole('button', { name: 'Review and save' }).click();
};

const replayChosen = async (page) => {
  await page.getByRole('checkbox', { name: 'Select all rows' }).check();
  await page.getByRole('button', { name: 'Replay one letter' }).click();
};
const invite = async (page) => {
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('E-mail').fill(`ines-${Date.now()}@meridian.example`);
  await dialog.getByLabel('Name').fill('Ines Invited');
  await page.getByRole('button', { name: 'Make the invitation' }).click();
  await page.getByLabel('Invitation link').waitFor();
};
const approveLate = async (page) => {
  const dialog = page.getByRole('dialog', { name: 'Approve exactly this' });
  await press('Approve')(page);
  await dialog.getByLabel('Reason').fill('seen it too');
  // The sign-in has become old meanwhile.
  await page.evaluate((late) => {
    const now = Date.now;
    Date.now = () => now() + late;
  }, 6 * 60_000);
  await dialog.getByRole('button', { name: 'Approve' }).click();
  await page.getByRole('dialog', { name: 'Show that it is you' }).waitFor();
};
/** The browser remembers the log with another root than it has: it was written anew, or somebody shows it another one. */
const alarm = async (page) => {
  const remembered = 'mesh.log.demo-mesh';
  await page.waitForFunction((key) => JSON.parse(localStorage.getItem(key))?.size > 0, remembered);
  await page.evaluate((key) => {
    const root = btoa(String.fromCharCode(...new Uint8Array(32).fill(7)));
    localStorage.setItem(key, JSON.stringify({ ...JSON.parse(localStorage.getItem(key)), root }));
  }, remembered);
  await page.reload();
  await page.getByRole('button', { name: 'Begin anew…' }).waitFor();
};
const beginAnew = async (page) => {
  await alarm(page);
  await page.getByRole('button', { name: 'Begin anew…' }).click();
};

/**
 * The dialogs, menus and alarms by their names: where they are, what opens them, and who sees them, in a browser of
 * their own, when that is somebody who has just signed in.
 */
export const dialogsOf = (it) => ({
  palette: ['/settings', (page) => page.keyboard.press('Control+k')],
  shortcuts: ['/settings', (page) => page.keyboard.press('?')],
  'person-menu': ['/settings', press(/Olivia Owner/)],
  'add-authenticator': ['/settings', press('Add an authenticator')],
  'end-sessions': ['/settings', press('End all my sessions')],
  'run-audit': ['/audits?open=run', asked],
  'request-remediation': [`/audits/findings/${it.finding}`, press('Request remediation')],
  'request-exception': [`/audits/findings/${it.finding}?open=exception`, asked],
  report: [`/audits/runs/${encodeURIComponent(it.audit)}`, press('Download a report')],
  'filter-findings': ['/audits/findings', press(/Severity/)],
  views: ['/audits/findings', press(/views/i)],
  acknowledge: [`/incidents/${it.incident}?action=acknowledge`, asked],
  assign: [`/incidents/${it.incident}?action=assign`, asked],
  resolve: [`/incidents/${it.incident}?action=resolve`, asked],
  comment: [`/incidents/${it.incident}?action=comment`, asked],
  link: [`/incidents/${it.incident}?action=link`, asked],
  'more-actions': [`/incidents/${it.incident}`, press('More')],
  'delete-check': ['/incidents/checks/iam-control-http', press('Delete')],
  approve: [`/overrides/${it.override}`, press('Approve')],
  reject: [`/overrides/${it.override}`, press('Reject')],
  reauthenticate: [`/overrides/${it.override}`, approveLate, 'opal'],
  'break-glass-confirm': ['/overrides/break-glass?control=trading&reason=nobody+answers', press('Go on to the last step'), 'olivia'],
  'approve-exception': [`/audits/exceptions/${it.exception}`, press('Approve')],
  replay: [`/events/letters/${it.letter}`, press('Replay')],
  'replay-chosen': ['/events/letters?search=no+name', replayChosen],
  alarm: ['/log', alarm, 'audrey'],
  'begin-anew': ['/log', beginAnew, 'audrey'],
  invite: ['/access?open=invite', asked],
  invitation: ['/access?open=invite', invite],
  'invite-again': [`/access/people/${it.invited}`, press('Invite again')],
  'save-roles': ['/access?edit=1&search=vera', saveRoles],
  disable: ['/access/people/local-oscar', press('Disable')],
  'end-their-sessions': ['/access/people/local-oscar', press('End sessions')],
  'request-role': ['/access/elevations?open=request', asked],
  'decide-request': ['/access/elevations', press('Approve')],
  'break-glass-owner': ['/access/elevations?open=glass', asked, 'adam'],
  'start-review': ['/access/reviews?open=start', asked],
  'close-review': [`/access/reviews/${it.review}`, press('Close now')],
});
