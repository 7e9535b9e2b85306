import type { Instance } from '../../documents/instance';
import type { MeshFunction } from '../../topology/topology';
import { RUNS_MS } from '../overrides/applied';

/** A function of this mesh, and what its running instances say of themselves. */
export interface Part {
  name: string;
  summary: string;
  /** What runs, or ran last: the version with the revision of it; more than one while a new revision takes over. */
  builds: string[];
  /** How many instances run; nothing when none ever said so: one that reads no documents never does. */
  instances: number | undefined;
  /** When the newest of them started: not before that, the function was renewed. */
  renewed: string | undefined;
}

/** The functions of this mesh in the order of their names. */
export function partsOf(functions: readonly MeshFunction[], instances: readonly Instance[], now: number): Part[] {
  return functions
    .map(({ name, summary }): Part => {
      const ever = instances.filter((instance) => instance.function === name);
      const running = ever.filter(({ seen_at }) => now - Date.parse(seen_at) <= RUNS_MS);
      const starts = running.map(({ started_at }) => started_at).sort();
      return {
        name,
        summary,
        builds: buildsOf(running.length > 0 ? running : ever.toSorted(newestFirst).slice(0, 1)),
        instances: ever.length > 0 ? running.length : undefined,
        renewed: starts.at(-1),
      };
    })
    .sort((one, other) => one.name.localeCompare(other.name));
}

const newestFirst = (one: Instance, other: Instance): number => other.started_at.localeCompare(one.started_at);

/** The different builds of instances, the newest first. */
function buildsOf(instances: readonly Instance[]): string[] {
  const builds = instances.toSorted(newestFirst).map(({ version, revision }) => [version, revision].filter(Boolean).join(', '));
  return [...new Set(builds)].filter((build) => build !== '');
}
