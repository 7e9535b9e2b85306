/** How the functions hang together, as their manifests say it: `/topology.json`. */
export interface Topology {
  functions: MeshFunction[];
}

export interface MeshFunction {
  name: string;
  summary: string;
  triggers: Trigger[];
  /** Functions that it calls over HTTP. */
  calls: string[];
  /** Topics that it publishes to. */
  publishes: string[];
}

export type Trigger =
  | { id: string; kind: 'http'; callers: ('users' | 'services' | 'public')[] }
  | { id: string; kind: 'firestore'; event: string; document: string }
  | { id: string; kind: 'pubsub'; topic: string; filter?: string }
  | { id: string; kind: 'schedule'; cron: string; time_zone?: string };

let loading: Promise<Topology> | undefined;

/** Asks the page's server, once: it changes only with the server. */
export function loadTopology(): Promise<Topology> {
  loading ??= fetch('/topology.json').then(async (answer) => {
    if (!answer.ok) throw new Error(`the server answered ${answer.status} for the topology`);
    return (await answer.json()) as Topology;
  });
  loading.catch(() => (loading = undefined));
  return loading;
}
