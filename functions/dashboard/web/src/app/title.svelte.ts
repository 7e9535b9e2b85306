/** What a page is about just now, beside its own title: the window's title names it first. */
class Title {
  subject: string | undefined = $state();
}

export const title = new Title();

/** Names what is shown, such as an incident, for as long as the component lives. Call it while one is set up. */
export function about(subject: () => string | undefined): void {
  $effect(() => {
    title.subject = subject();
    return () => (title.subject = undefined);
  });
}
