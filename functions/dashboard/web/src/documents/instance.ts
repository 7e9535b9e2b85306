/** What a trigger of one instance did in about a minute. */
export interface TriggerFigures {
  handled: number;
  failed: number;
  /** The median of the time from an event to the end of handling it; nothing for requests. */
  lag_p50_ms?: number;
}

/** `instances/{instance}`: a running instance of a function. */
export interface Instance {
  function: string;
  /** The version of the mesh that it was built from, and Cloud Run's name of what runs. */
  version?: string;
  revision?: string;
  started_at: string;
  /** When it last said that it runs, and had read the controls. */
  seen_at: string;
  /** Since when `triggers` counts, until `seen_at`: about a minute. Instances of an earlier version do not say. */
  counted_since?: string;
  /** What its triggers did meanwhile; those that did nothing are left out. */
  triggers?: Record<string, TriggerFigures>;
}
