/**
 * Gives ids to slots, a few to each: what a slot listens for stays as it is until nothing of it is wanted any more, so
 * that an answer, or a new record, does not ask for everything else anew. What finds no slot waits for one.
 */
export function assigned(slots: readonly (readonly string[])[], wanted: readonly string[], most: number): readonly (readonly string[])[] {
  const open = new Set(wanted);
  const kept = slots.map((slot) => (slot.some((id) => open.has(id)) ? slot : []));
  const placed = new Set(kept.flat());
  const rest = wanted.filter((id) => !placed.has(id));
  return kept.map((slot) => (slot.length > 0 ? slot : rest.splice(0, most)));
}
