import type { Attachment } from 'svelte/attachments';
import { moveBeside } from './place';

/** Long enough that a pointer on its way elsewhere does not raise it. */
const DELAY_MS = 350;
const ID = 'tooltip';

let shared: HTMLElement | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

/** One element serves the whole page: only one tooltip is ever open. */
function element(): HTMLElement {
  if (!shared) {
    shared = document.createElement('div');
    shared.id = ID;
    shared.className = 'tooltip';
    shared.setAttribute('role', 'tooltip');
    shared.setAttribute('popover', 'manual');
    document.body.append(shared);
  }
  return shared;
}

function show(anchor: Element, words: string): void {
  const tip = element();
  tip.textContent = words;
  if (tip.matches(':popover-open')) tip.hidePopover();
  tip.showPopover();
  moveBeside(anchor, tip, 'above', 'center', 6);
  // The label already says it: describing it again would have it read twice.
  if (anchor.getAttribute('aria-label') !== words) anchor.setAttribute('aria-describedby', ID);
}

function hide(anchor: Element): void {
  clearTimeout(timer);
  if (shared?.matches(':popover-open')) shared.hidePopover();
  if (anchor.getAttribute('aria-describedby') === ID) anchor.removeAttribute('aria-describedby');
}

/** Shows `words` beside the element on hover and on keyboard focus; Escape hides it. Words that cost something to
    write are given as a function: it is asked only when they are shown. */
export function tooltip(words: string | undefined | (() => string | undefined)): Attachment<Element> {
  return (anchor) => {
    if (!words) return;
    const open = (): void => {
      const said = typeof words === 'function' ? words() : words;
      if (said) show(anchor, said);
    };
    const wait = (): void => {
      clearTimeout(timer);
      timer = setTimeout(open, DELAY_MS);
    };
    const focus = (): void => {
      if (anchor.matches(':focus-visible')) open();
    };
    const leave = (): void => hide(anchor);
    const key = (event: Event): void => {
      if ((event as KeyboardEvent).key === 'Escape') leave();
    };
    anchor.addEventListener('pointerenter', wait);
    anchor.addEventListener('pointerleave', leave);
    anchor.addEventListener('pointerdown', leave);
    anchor.addEventListener('focus', focus);
    anchor.addEventListener('blur', leave);
    anchor.addEventListener('keydown', key);
    return () => {
      leave();
      anchor.removeEventListener('pointerenter', wait);
      anchor.removeEventListener('pointerleave', leave);
      anchor.removeEventListener('pointerdown', leave);
      anchor.removeEventListener('focus', focus);
      anchor.removeEventListener('blur', leave);
      anchor.removeEventListener('keydown', key);
    };
  };
}
