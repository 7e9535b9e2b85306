/* What a first load begins with: files, with what they import. What they import later, when it is wanted, is not theirs. */

/** Before anybody is signed in. */
export const ENTRANCE = ['src/main.ts'];
/** Who is signed in, and how they sign in. */
export const SIGNING_IN = ['src/session/signing-in.ts', 'src/session/firebase.ts'];
/** What surrounds every page, and what every page reads from. */
export const FRAME = ['src/app/Frame.svelte', 'src/session/watch.ts', 'src/live/client.ts'];
/** The page that is shown first, as a desk shows it: with its map. */
export const FIRST_PAGE = ['src/pages/overview/Overview.svelte', 'src/topology/layout.ts'];
