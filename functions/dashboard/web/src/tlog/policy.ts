import { equal } from './bytes';
import { TlogError } from './error';
import { parseKey, type Algorithm, type VerifierKey } from './key';

/** More lines are a mistake: the specification asks for 32 logs, witnesses and groups. */
const LINES_MAX = 256;
/** The quorum that nobody has to be in. */
const NONE = 'none';

export interface Witness {
  name: string;
  key: VerifierKey;
}

interface Group {
  needed: number;
  members: readonly string[];
}

/** Which checkpoints are believed: whose signatures count (c2sp.org/tlog-policy). */
export class Policy {
  readonly logs: VerifierKey[] = [];
  readonly witnesses: Witness[] = [];
  private readonly groups = new Map<string, Group>();
  private quorumName: string | undefined;

  static async parse(text: string): Promise<Policy> {
    const policy = new Policy();
    for (const [place, line] of text.split('\n').entries()) {
      const words = line.split(/[ \t\r]+/).filter(Boolean);
      if (place >= LINES_MAX) throw new TlogError('policy', `a policy has at most ${LINES_MAX} lines`);
      if (words.length === 0 || words[0]?.startsWith('#')) continue;
      await policy.take(words).catch((error: unknown) => {
        throw new TlogError('policy', `line ${place + 1} of the policy: ${error instanceof Error ? error.message : ''}`);
      });
    }
    if (policy.quorumName === undefined) throw new TlogError('policy', 'the policy has no line `quorum`');
    return policy;
  }

  get quorum(): string {
    return this.quorumName ?? NONE;
  }

  /** Whether these witnesses are enough. */
  reached(witnesses: readonly string[], name = this.quorum): boolean {
    const group = this.groups.get(name);
    if (!group) return name === NONE || witnesses.includes(name);
    // Groups name only what stands above them, so that this ends.
    return group.members.filter((member) => this.reached(witnesses, member)).length >= group.needed;
  }

  private async take([word, ...rest]: string[]): Promise<void> {
    if (word === 'log' && (rest.length === 1 || rest.length === 2)) {
      const key = await keyOf(rest[0], 'ed25519');
      if (this.logs.some((known) => equal(known.public, key.public))) throw wrong('the log stands here twice');
      this.logs.push(key);
    } else if (word === 'witness' && (rest.length === 2 || rest.length === 3)) {
      const [name = '', text] = rest;
      const key = await keyOf(text, 'cosignature');
      const same = this.witnesses.some((known) => equal(known.key.public, key.public));
      if (same) throw wrong('the witness stands here twice');
      this.free(name);
      this.witnesses.push({ name, key });
    } else if (word === 'group' && rest.length >= 3) {
      this.group(rest);
    } else if (word === 'quorum' && rest.length === 1) {
      const [name = ''] = rest;
      if (this.quorumName !== undefined) throw wrong('there is a quorum already');
      if (name !== NONE && !this.knows(name)) throw wrong(`\`${name}\` stands nowhere above`);
      this.quorumName = name;
    } else {
      throw wrong('it is none of `log`, `witness`, `group`, `quorum`');
    }
  }

  private group([name = '', count = '', ...members]: string[]): void {
    this.free(name);
    const unknown = members.find((member) => !this.knows(member));
    if (unknown) throw wrong(`\`${unknown}\` stands nowhere above`);
    const used = [...this.groups.values()].flatMap((group) => group.members);
    if (members.some((member) => used.includes(member)) || new Set(members).size < members.length)
      throw wrong('a member may stand in one group, once');
    const needed = count === 'any' ? 1 : count === 'all' ? members.length : Number(count);
    if (!Number.isInteger(needed) || needed < 1 || needed > members.length)
      throw wrong(`${count} of ${members.length} cannot be`);
    this.groups.set(name, { needed, members });
  }

  private knows(name: string): boolean {
    return this.groups.has(name) || this.witnesses.some((witness) => witness.name === name);
  }

  private free(name: string): void {
    if (name === NONE || this.knows(name)) throw wrong(`the name \`${name}\` is taken`);
  }
}

const wrong = (message: string): TlogError => new TlogError('policy', message);

async function keyOf(text = '', algorithm: Algorithm): Promise<VerifierKey> {
  const key = await parseKey(text);
  if (key.algorithm !== algorithm) throw wrong(`\`${text}\` is a key of another kind`);
  return key;
}
