import access from './access';
import audits from './audits';
import overrides from './overrides';
import overview from './overview';
import type { Page } from './page';
import settings from './settings';

/** Every page. Navigation, command palette and shortcuts follow from this list. */
export const pages: readonly Page[] = [overview, overrides, audits, access, settings];
