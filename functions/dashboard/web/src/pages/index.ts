import access from './access';
import type { Page } from './page';
import settings from './settings';

/** Every page. Navigation, command palette and shortcuts follow from this list. */
export const pages: readonly Page[] = [access, settings];
