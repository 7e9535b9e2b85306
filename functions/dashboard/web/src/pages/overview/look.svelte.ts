import { MediaQuery } from 'svelte/reactivity';
import { place } from '../../router.svelte';
import type { layOut } from '../../topology/layout';

export type Look = 'map' | 'list';

/** How the map is shown, and what draws it: that is loaded only for those who look at a drawing. */
class MapLook {
  /** Lays a graph out, once that is loaded. */
  layOut: typeof layOut | undefined = $state.raw();
  failed = $state(false);
  private readonly phone = new MediaQuery('max-width: 639.98px');

  /** A drawing needs room: on a phone the list says it better. Who chose keeps what they chose. */
  get chosen(): Look {
    const chosen = place.query.get('map');
    return chosen === 'map' || chosen === 'list' ? chosen : this.phone.current ? 'list' : 'map';
  }

  /** Whether nothing is missing any more to show it as chosen. */
  get ready(): boolean {
    return this.chosen === 'list' || this.layOut !== undefined || this.failed;
  }

  load(): void {
    if (this.layOut) return;
    this.failed = false;
    import('../../topology/layout').then(
      (loaded) => (this.layOut = loaded.layOut),
      () => (this.failed = true),
    );
  }
}

export const mapLook = new MapLook();
