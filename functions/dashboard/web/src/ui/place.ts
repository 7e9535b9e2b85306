/** Where a floating box goes beside its anchor. Pure, so that every border case is a test. */

export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Size {
  width: number;
  height: number;
}

export type Side = 'below' | 'above';
export type Align = 'start' | 'center' | 'end';

/** Keeps this much of the viewport free on every side. */
const MARGIN_PX = 8;

/** Places `floating` on the wanted side, on the other one where it does not fit, and always inside the viewport. */
export function place(
  anchor: Box,
  floating: Size,
  viewport: Size,
  side: Side = 'below',
  align: Align = 'start',
  gap = 4,
): { left: number; top: number } {
  const below = anchor.top + anchor.height + gap;
  const above = anchor.top - gap - floating.height;
  const fitsBelow = below + floating.height <= viewport.height - MARGIN_PX;
  const fitsAbove = above >= MARGIN_PX;
  const down = side === 'below' ? fitsBelow || !fitsAbove : !fitsAbove && fitsBelow;

  const offset =
    align === 'start' ? 0 : align === 'end' ? anchor.width - floating.width : (anchor.width - floating.width) / 2;

  return {
    left: clamp(anchor.left + offset, viewport.width - floating.width),
    top: clamp(down ? below : above, viewport.height - floating.height),
  };
}

function clamp(value: number, room: number): number {
  return Math.round(Math.max(MARGIN_PX, Math.min(value, room - MARGIN_PX)));
}

/** Moves an open popover beside its anchor. */
export function moveBeside(anchor: Element, floating: HTMLElement, side?: Side, align?: Align, gap?: number): void {
  const viewport = { width: document.documentElement.clientWidth, height: window.innerHeight };
  const { left, top } = place(
    anchor.getBoundingClientRect(),
    { width: floating.offsetWidth, height: floating.offsetHeight },
    viewport,
    side,
    align,
    gap,
  );
  floating.style.left = `${left}px`;
  floating.style.top = `${top}px`;
}
