import type { Audit } from '../../documents/audit';
import type { Check } from '../../documents/check';
import type { Incident } from '../../documents/incident';
import type { Override } from '../../documents/override';
import type { Service } from '../../documents/service';
import { liveQuery, type Live, type Stored } from '../../live/live.svelte';
import { session } from '../../session/session.svelte';
import type { Grant } from '../access/grants';
import type { Exception } from '../audits/documents';
import { liveControls, liveEmergencies, liveInstances, liveOpen } from '../overrides/world.svelte';

/* What the parts of the page listen to. Call it while a component is set up: equal queries share one listener. */

/** What is shown at most; the pages behind show the rest. */
const SERVICES_MAX = 200;
const OPEN_MAX = 50;
const ASKED_MAX = 50;
/** A month of nightly runs. */
const RUNS_MAX = 30;

export const liveAudits = (): Live<Stored<Audit>[]> =>
  liveQuery<Audit>(() => ({ collection: 'audits', order: [['as_of', 'desc']], limit: RUNS_MAX }));

const liveServices = (): Live<Stored<Service>[]> => liveQuery<Service>(() => ({ collection: 'services', limit: SERVICES_MAX }));
const liveChecks = (): Live<Stored<Check>[]> => liveQuery<Check>(() => ({ collection: 'checks', limit: SERVICES_MAX }));

const liveIncidents = (): Live<Stored<Incident>[]> =>
  liveQuery<Incident>(() => ({
    collection: 'incidents',
    where: [['state', 'in', ['open', 'acknowledged', 'reopened']]],
    limit: OPEN_MAX,
  }));

/** Elevations and exceptions that somebody asks for: nothing for those who decide none. */
const liveAsked = <T>(collection: string, read: string, approve: string): Live<Stored<T>[]> =>
  liveQuery<T>(() =>
    session.can(read) && session.can(approve) ? { collection, where: [['state', '==', 'requested']], limit: ASKED_MAX } : undefined,
  );

export interface Lives {
  services: Live<Stored<Service>[]>;
  checks: Live<Stored<Check>[]>;
  incidents: Live<Stored<Incident>[]>;
  controls: ReturnType<typeof liveControls>;
  instances: ReturnType<typeof liveInstances>;
  open: Live<Stored<Override>[]>;
  emergencies: Live<Stored<Override>[]>;
  grants: Live<Stored<Grant>[]>;
  exceptions: Live<Stored<Exception>[]>;
  audits: Live<Stored<Audit>[]>;
}

export const lives = (): Lives => ({
  services: liveServices(),
  checks: liveChecks(),
  incidents: liveIncidents(),
  controls: liveControls(),
  instances: liveInstances(),
  open: liveOpen(),
  emergencies: liveEmergencies(),
  grants: liveAsked<Grant>('grants', 'grants.read', 'grants.approve'),
  exceptions: liveAsked<Exception>('exceptions', 'exceptions.read', 'exceptions.approve'),
  audits: liveAudits(),
});

/** What has to be known before the page says how the mesh is: shown all at once, nothing moves. */
export const isKnown = ({ services, checks, incidents, controls, open, instances, audits }: Lives): boolean =>
  [services, checks, incidents, controls, open, instances, audits].every(({ known }) => known);

export const isStale = (all: Lives): boolean =>
  Object.values(all).some(({ state }: Live<unknown>) => state === 'offline' || state === 'broken');
