import { arrive, left, note, noteRests } from './arriving';

/** Where the page is: the path, and the query that holds filters and what is open. */
class Location {
  path = $state(location.pathname);
  private search = $state(location.search);

  readonly query: URLSearchParams = $derived(new URLSearchParams(this.search));

  /** Goes to an address of the page; `replace` leaves no step behind. */
  go(address: string, { replace = false } = {}): void {
    const next = new URL(address, location.origin);
    if (next.pathname + next.search === location.pathname + location.search) return;
    const moved = next.pathname !== location.pathname;
    if (!replace) note();
    history[replace ? 'replaceState' : 'pushState'](moved || !replace ? {} : history.state, '', next);
    this.read();
    if (moved) void arrive(0);
  }

  /** Sets some of the query and leaves the rest; `undefined` and the empty text take away. Filters leave no steps. */
  set(values: Record<string, string | undefined>, { replace = true } = {}): void {
    const query = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(values)) {
      if (value) query.set(name, value);
      else query.delete(name);
    }
    const text = query.toString();
    this.go(location.pathname + (text ? `?${text}` : ''), { replace });
  }

  read(): void {
    this.path = location.pathname;
    this.search = location.search;
  }
}

export const place = new Location();

/** Follows links of the page without loading it again, and the browser's own back and forward. */
export function startRouter(): () => void {
  const click = (event: MouseEvent): void => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    const address = link && addressOf(link);
    if (!address || !isOurs(link, address, event)) return;
    event.preventDefault();
    place.go(address.href);
  };
  const popped = (): void => {
    const before = place.path;
    place.read();
    void arrive(left(), { moved: place.path !== before });
  };
  const stop = noteRests();
  if (left() > 0) void arrive(left(), { moved: false });
  addEventListener('click', click);
  addEventListener('popstate', popped);
  return () => {
    stop();
    removeEventListener('click', click);
    removeEventListener('popstate', popped);
  };
}

/** Where a link leads. One within a drawing holds its address in another way. */
function addressOf(link: HTMLAnchorElement | SVGAElement): URL | undefined {
  const written = link.getAttribute('href');
  return written !== null && URL.canParse(written, document.baseURI) ? new URL(written, document.baseURI) : undefined;
}

function isOurs(link: Element, address: URL, event: MouseEvent): boolean {
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  const here = address.origin === location.origin && !link.getAttribute('target') && !link.hasAttribute('download');
  return plain && here && !event.defaultPrevented && !link.getAttribute('href')?.startsWith('#');
}
