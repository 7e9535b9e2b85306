import { equal, toBase64, type Bytes } from '../../tlog/bytes';
import type { Checkpoint } from '../../tlog/checkpoint';
import { contradictions, decodeEntry, type Entry, type JournalRecord } from '../../tlog/entry';
import { leafHash } from '../../tlog/hash';
import { pathOf, type Path } from '../../tlog/inclusion';
import { open, type Opened } from '../../tlog/opened';
import type { Policy } from '../../tlog/policy';
import { parseProof, type Proof } from '../../tlog/proof';

/** `weak` proves less than it should; `unknown` could not be looked at. */
export type Outcome = 'good' | 'weak' | 'bad' | 'unknown';

/** What came of every step from an entry's text to the signatures over its tree. */
export interface Examination {
  outcome: Outcome;
  proof: Proof;
  /** What the leaf hashes, if it can be read. */
  entry: Entry | undefined;
  /** The members in which entry and journal differ. */
  contradictions: string[];
  /** The journal has no such record any more. */
  gone: boolean;
  leaf: Bytes;
  /** The leaf's hash as it was recorded when the record was sealed. */
  recordedLeaf: string | undefined;
  path: Path | undefined;
  opened: Opened;
  steps: Record<Step, Outcome>;
}

export const STEPS = ['entry', 'leaf', 'path', 'signed', 'cosigned', 'history'] as const;
export type Step = (typeof STEPS)[number];

export interface Given {
  record: string;
  /** The file of c2sp.org/tlog-proof. */
  file: string;
  /** The record as it is in the journal; absent when it is gone. */
  journal: JournalRecord | undefined;
  recorded: { index: number; leaf: string } | undefined;
  policy: Policy;
  /** Whether the proof's checkpoint has the history that this browser saw; absent when nobody could tell. */
  sameHistory: (checkpoint: Checkpoint) => Promise<boolean | undefined>;
}

/** Verifies a record from its text to the signatures. Goes on behind a step that is wrong. Fails if it is no proof. */
export async function examine({ record, file, journal, recorded, policy, sameHistory }: Given): Promise<Examination> {
  const proof = parseProof(file);
  const text = proof.extra ?? new Uint8Array();
  const entry = readable(text);
  const differs = entry && journal ? contradictions(entry, record, journal) : [];
  const leaf = await leafHash(text);
  const opened = await open(proof.note, policy);
  const { size, root } = opened.checkpoint;
  const path = await pathOf(proof.index, size, leaf, proof.hashes).catch(() => undefined);
  const reached = path !== undefined && equal(path.root, root);
  const asRecorded = !recorded || (recorded.leaf === toBase64(leaf) && recorded.index === proof.index);
  const same = opened.signed ? await sameHistory(opened.checkpoint) : undefined;
  const steps: Examination['steps'] = {
    entry: entry?.record === record && journal && differs.length === 0 ? 'good' : 'bad',
    leaf: asRecorded ? 'good' : 'bad',
    path: reached ? 'good' : 'bad',
    signed: opened.signed ? 'good' : 'bad',
    cosigned: opened.accepted ? 'good' : opened.signed ? 'weak' : 'bad',
    history: same === undefined ? 'unknown' : same ? 'good' : 'bad',
  };
  const gone = journal === undefined;
  const shared = { proof, entry, gone, leaf, recordedLeaf: recorded?.leaf, path, opened, steps };
  return { ...shared, contradictions: differs, outcome: worst(Object.values(steps)) };
}

function readable(text: Bytes): Entry | undefined {
  try {
    return decodeEntry(text);
  } catch {
    return undefined;
  }
}

/** What could not be looked at proves no less than it did before this browser remembered anything. */
const worst = (outcomes: readonly Outcome[]): Outcome =>
  outcomes.includes('bad') ? 'bad' : outcomes.some((outcome) => outcome !== 'good') ? 'weak' : 'good';

/** Where the change is, as far as the hashes tell. */
export type Blame = 'foreign' | 'text' | 'tree' | 'leaf' | 'signature' | 'journal' | 'gone' | 'history';

/** Says what was changed, from what agrees and what does not. */
export function blame({ steps, entry, contradictions: differs, gone }: Examination, record: string): Blame | undefined {
  if (steps.signed === 'bad') return 'signature';
  // The text no longer makes the hash that was written down beside it: the text changed, or that hash did.
  if (steps.path === 'bad') return steps.leaf === 'bad' ? 'text' : 'tree';
  if (steps.leaf === 'bad') return 'leaf';
  if (steps.history === 'bad') return 'history';
  if (entry?.record !== record) return 'foreign';
  if (gone) return 'gone';
  return differs.length > 0 ? 'journal' : undefined;
}
