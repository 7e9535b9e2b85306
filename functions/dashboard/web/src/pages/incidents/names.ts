import type { Actor } from '../../documents/actor';
import { people } from '../../people/people.svelte';

/** A service by its own name: the project behind it is the same for all. */
const short = (account: string): string => account.replace(/@.*$/, '');

/** How people and services are called where many of them stand beside one another. */
export const names = {
  name: people.name,
  actor: (actor: Actor): string => (actor.kind === 'service' ? short(actor.account) : people.actor(actor)),
};
