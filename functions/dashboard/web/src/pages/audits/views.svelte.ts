import { session } from '../../session/session.svelte';
import { parsed, replaced, type View } from './views';

const key = (): string => `mesh.audits.views.${session.uid ?? ''}`;

/** The views that this browser keeps for the person. Storage may be shut: then they last as long as the page. */
class Views {
  private of: string | undefined;
  private views: readonly View[] = $state.raw([]);

  get all(): readonly View[] {
    return this.views;
  }

  load(): void {
    if (this.of === key()) return;
    this.of = key();
    try {
      this.views = parsed(localStorage.getItem(key()));
    } catch {
      this.views = [];
    }
  }

  save(view: View): void {
    this.keep(replaced(this.views, view));
  }

  drop(name: string): void {
    this.keep(this.views.filter((view) => view.name !== name));
  }

  private keep(views: readonly View[]): void {
    this.views = views;
    try {
      localStorage.setItem(key(), JSON.stringify(views));
    } catch {
      // Full or shut: the views of this page still work.
    }
  }
}

export const views = new Views();
