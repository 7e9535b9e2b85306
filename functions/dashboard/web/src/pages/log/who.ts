import type { Actor } from '../../documents/actor';

/** What an actor is called in a list: services by their first name. */
export const actorName = (actor: Actor): string =>
  actor.kind === 'service' ? (actor.account.split('@')[0] ?? actor.account) : (actor.email ?? actor.uid);

/** What an actor is searched by. */
export const actorKey = (actor: Actor): string => (actor.kind === 'service' ? actor.account : (actor.email ?? actor.uid));
