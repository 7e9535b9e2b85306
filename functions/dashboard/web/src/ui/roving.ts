/** Where the focus goes next among `length` entries, or `null` when the key does not move it. */
export function step(
  key: string,
  at: number,
  length: number,
  axis: 'vertical' | 'horizontal' = 'vertical',
): number | null {
  if (length === 0) return null;
  const [back, forth] = axis === 'vertical' ? ['ArrowUp', 'ArrowDown'] : ['ArrowLeft', 'ArrowRight'];
  switch (key) {
    case forth:
      return (at + 1) % length;
    case back:
      return at <= 0 ? length - 1 : at - 1;
    case 'Home':
      return 0;
    case 'End':
      return length - 1;
    default:
      return null;
  }
}
