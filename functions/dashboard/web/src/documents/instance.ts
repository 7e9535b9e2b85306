/** `instances/{instance}`: a running instance of a function. */
export interface Instance {
  function: string;
  started_at: string;
  /** When it last said that it runs, and had read the controls. */
  seen_at: string;
}
