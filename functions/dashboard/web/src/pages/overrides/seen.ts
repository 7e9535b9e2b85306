import { ask } from '../../api/client';
import type { Schema } from '../../api/types';
import type { Override } from '../../documents/override';
import type { Stored } from '../../live/live.svelte';
import { changeLines } from './describe';
import { hashOf } from './hash';
import { text } from './text';

/** An override as a person saw it, with the version that their decision names. */
export interface Seen {
  override: Stored<Override>;
  version: string | undefined;
  /** Whether its hash is of what is shown. */
  proven: boolean;
}

/** Reads an override as it is now. */
export async function see(id: string): Promise<Seen> {
  const { body, etag } = await ask<Schema<'Item_Override'>>(`/overrides/${encodeURIComponent(id)}`);
  const override = { ...body, id };
  return { override, version: etag, proven: (await hashOf(id, override)) === override.hash };
}

/** What a decision depends on, line by line: two versions are told apart by it, and shown beside each other. */
export function lines(override: Override, name: (uid: string) => string): string {
  const agreed = (override.approvals ?? []).map((approval) => name(approval.by));
  return [
    changeLines(override.change),
    text.override.state[override.state],
    text.waiting.agreed(agreed.length, override.approvals_needed),
    ...agreed.map((one) => text.waiting.agreedBy(one)),
    ...(override.lift ? [text.life.lifting] : []),
    ...(override.review?.done ? [text.life.reviewed] : []),
  ].join('\n');
}
