import { ask } from '../../api/client';
import { failed } from '../../app/failed';
import type { Schema } from '../../api/types';
import { session } from '../../session/session.svelte';
import { text } from './text';

export interface Modules {
  readonly answer: Schema<'Suggestions'> | undefined;
  readonly failed: boolean;
  /** The modules' names, and every right that one of them has. */
  readonly names: readonly string[];
  readonly rights: readonly string[];
  reload(): void;
}

/** What could be taken away, of people and of modules. */
export function modules(): Modules {
  let answer: Schema<'Suggestions'> | undefined = $state.raw();
  let broken = $state(false);

  async function load(): Promise<void> {
    broken = false;
    try {
      answer = (await ask<Schema<'Suggestions'>>('/access/suggestions')).body;
    } catch (error) {
      broken = true;
      failed(text.unused.failed, error);
    }
  }

  $effect(() => {
    if (session.can('access.suggest')) void load();
  });

  const names = $derived((answer?.modules ?? []).flatMap(({ principal }) => (principal.kind === 'module' ? [principal.name] : [])));
  const rights = $derived([...new Set((answer?.modules ?? []).flatMap((module) => module.rights.map(({ right }) => right)))].sort());
  return {
    get answer() {
      return answer;
    },
    get failed() {
      return broken;
    },
    get names() {
      return names;
    },
    get rights() {
      return rights;
    },
    reload: () => void load(),
  };
}
