/** The page's name, apart from its other words: the navigation knows it before the page is loaded. */
export const title = 'Events';
