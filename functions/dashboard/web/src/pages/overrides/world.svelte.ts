import type { Ack, Control } from '../../documents/control';
import type { Instance } from '../../documents/instance';
import type { Override } from '../../documents/override';
import { liveQuery, type Live, type Stored } from '../../live/live.svelte';

/* What several parts of the page listen to; equal queries share one listener. Call them while a component is set up. */

/** As many controls as the policy names, several times over. */
const CONTROLS_MAX = 50;
/** The newest words of instances: those that ended are forgotten after a week. */
const INSTANCES_MAX = 300;
const ACKS_MAX = 500;
/** What waits or is in force: each control has at most 20 restrictions. */
const OPEN_MAX = 200;
/** The newest emergencies; each is reviewed within a day, or an incident opens. */
const REVIEWS_MAX = 50;

export const liveControls = (): Live<Stored<Control>[]> =>
  liveQuery<Control>(() => ({ collection: 'controls', limit: CONTROLS_MAX }));

export const liveInstances = (): Live<Stored<Instance>[]> =>
  liveQuery<Instance>(() => ({ collection: 'instances', order: [['seen_at', 'desc']], limit: INSTANCES_MAX }));

export const liveAcks = (control: () => string | undefined): Live<Stored<Ack>[]> =>
  liveQuery<Ack>(() => {
    const name = control();
    return name === undefined
      ? undefined
      : { collection: `controls/${name}/acks`, order: [['applied_at', 'desc']], limit: ACKS_MAX };
  });

/** Overrides that nothing has ended yet. */
export const liveOpen = (): Live<Stored<Override>[]> =>
  liveQuery<Override>(() => ({
    collection: 'overrides',
    where: [['state', 'in', ['requested', 'approved', 'active']]],
    limit: OPEN_MAX,
  }));

/** Overrides that somebody made alone. */
export const liveEmergencies = (): Live<Stored<Override>[]> =>
  liveQuery<Override>(() => ({ collection: 'overrides', order: [['review.due_at', 'desc']], limit: REVIEWS_MAX }));
