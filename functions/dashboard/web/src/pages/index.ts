import access from './access';
import audits from './audits';
import events from './events';
import incidents from './incidents';
import log from './log';
import overrides from './overrides';
import overview from './overview';
import type { Page } from './page';
import settings from './settings';

/** Every page. Navigation, command palette and shortcuts follow from this list. */
export const pages: readonly Page[] = [overview, events, incidents, overrides, audits, log, access, settings];
