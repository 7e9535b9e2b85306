/** Keyboard shortcuts: chords (`mod+k`), single keys (`?`) and sequences (`g o`). */

export interface Shortcut {
  keys: string;
  title: string;
  group: string;
  run?: () => void;
}

/** Two keys belong together when the second follows within this time. */
const SEQUENCE_MS = 900;

const apple = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform);

/** The words on the keys, as this reader's keyboard has them. */
export function keyWords(chord: string): string[] {
  if (chord === '+') return ['+'];
  return chord.split('+').map((key) => {
    if (key === 'mod') return apple ? '⌘' : 'Ctrl';
    if (key === 'shift') return '⇧';
    if (key === 'enter') return '↵';
    if (key === 'escape') return 'Esc';
    if (key === 'up') return '↑';
    if (key === 'down') return '↓';
    return key.length === 1 ? key.toUpperCase() : key;
  });
}

/** How a pressed key is written in `keys`. */
export function chordOf(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>): string {
  const key = event.key.toLowerCase();
  if (event.altKey) return `alt+${key}`;
  return event.ctrlKey || event.metaKey ? `mod+${key}` : key;
}

function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.matches('textarea, select, input:not([type="checkbox"], [type="radio"], [type="button"])'))
  );
}

/** Listens on `target` until the returned function is called. Letters are left alone while someone types or while a
    dialog is open; chords with Ctrl or ⌘ are not. */
export function listen(target: Document, shortcuts: () => readonly Shortcut[]): () => void {
  let first = '';
  let firstAt = 0;

  const press = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return;
    const chord = chordOf(event);
    const modified = chord.includes('mod+');
    if (!modified && (typing(event.target) || target.querySelector('dialog[open]'))) return;

    const sequence = first && event.timeStamp - firstAt < SEQUENCE_MS ? `${first} ${chord}` : '';
    const found =
      shortcuts().find((shortcut) => shortcut.keys === sequence) ??
      shortcuts().find((shortcut) => shortcut.keys === chord);
    first = chord;
    firstAt = event.timeStamp;
    if (!found?.run) return;
    event.preventDefault();
    first = '';
    found.run();
  };

  target.addEventListener('keydown', press);
  return () => target.removeEventListener('keydown', press);
}
