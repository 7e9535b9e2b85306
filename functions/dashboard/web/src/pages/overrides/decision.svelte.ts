import type { Override } from '../../documents/override';
import type { Stored } from '../../live/live.svelte';
import type { Action } from './deciding';

/**
 * What a person is deciding. It stands above the lists: what somebody else does meanwhile may take the override out of
 * a list, and must take nothing from whoever is writing a reason.
 */
class Decision {
  action: Action = $state('approve');
  /** The override as it was when the person turned to it. */
  override: Stored<Override> | undefined = $state.raw();
  open = $state(false);

  begin(override: Stored<Override>, action: Action): void {
    this.override = override;
    this.action = action;
    this.open = true;
  }

  end(): void {
    this.open = false;
    this.override = undefined;
  }
}

export const decision = new Decision();
