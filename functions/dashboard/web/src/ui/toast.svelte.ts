import type { Tone } from './state';

export interface ToastMessage {
  title: string;
  detail?: string;
  tone?: Tone;
  /** Given with a failure, so that a person can quote it. */
  correlation?: string;
  /** Such as undo: one press, then the message goes. */
  action?: { title: string; run: () => void };
}

export interface ShownToast extends ToastMessage {
  id: number;
}

/** More than this at once is noise; the oldest gives way. */
const SHOWN_MAX = 4;

let last = 0;
const shown: ShownToast[] = $state([]);

/** The messages on screen now. */
export const toasts = shown as readonly ShownToast[];

/** Tells something at the edge of the page; the returned function takes it away again. */
export function toast(message: ToastMessage): () => void {
  last += 1;
  const id = last;
  shown.push({ ...message, id });
  while (shown.length > SHOWN_MAX) shown.shift();
  return () => dismiss(id);
}

export function dismiss(id: number): void {
  const at = shown.findIndex((entry) => entry.id === id);
  if (at >= 0) shown.splice(at, 1);
}
