import { describe, expect, it } from 'vitest';
import { policyText } from './fixtures/log';
import { concat, hex, toBase64, utf8 } from './bytes';
import { sha256 } from './hash';
import { Policy } from './policy';

async function witness(number: number): Promise<string> {
  const data = concat(Uint8Array.of(4), new Uint8Array(32).fill(number));
  const id = hex((await sha256(concat(utf8(`w${number}.example\n`), data))).slice(0, 4));
  return `witness w${number} w${number}.example+${id}+${toBase64(data)}\n`;
}

async function lines(quorum: string): Promise<string> {
  const witnesses = await Promise.all([1, 2, 3, 4].map(witness));
  return `${witnesses.join('')}group a 2 w1 w2 w3\n# more\ngroup b all a w4\n\nquorum ${quorum}\n`;
}

describe('whose signatures count', () => {
  it('is read as the API tells it', async () => {
    const policy = await Policy.parse(policyText);
    expect(policy.logs.map(({ name }) => name)).toEqual(['mesh.internal/demo-mesh/log']);
    expect(policy.witnesses.map(({ name, key }) => [name, key.name])).toEqual([['witness', 'mesh.internal/demo-mesh/witness']]);
    expect([policy.reached(['witness']), policy.reached([])]).toEqual([true, false]);
  });

  it('counts groups of groups', async () => {
    const policy = await Policy.parse(await lines('b'));
    expect(policy.reached(['w1', 'w3', 'w4'])).toBe(true);
    expect(policy.reached(['w1', 'w4'])).toBe(false);
    expect(policy.reached(['w1', 'w2', 'w3'])).toBe(false);
    expect((await Policy.parse(await lines('none'))).reached([])).toBe(true);
    const any = (await lines('b')).replace('a 2 w1', 'a any w1');
    expect((await Policy.parse(any)).reached(['w2', 'w4'])).toBe(true);
  });

  it('is refused with the line that is wrong', async () => {
    const good = await lines('b');
    for (const bad of [
      await lines('c'),
      good.replace('quorum b\n', ''),
      good.replace('2 w1', '4 w1'),
      good.replace('2 w1', '0 w1'),
      good.replace('2 w1', 'two w1'),
      good.replace('w3\n', 'w5\n'),
      good.replace('w3\n', 'w1\n'),
      good.replace('all a', 'all w1'),
      good.replace('group b', 'group a'),
      good.replace('group b', 'group none'),
      good.replace('w4 w4', 'w3 w4'),
      good + 'quorum a\n',
      good + 'wizard\n',
      good.replace('witness w4 ', 'log '),
      good + (await witness(4)).replace('witness w4', 'witness w9'),
      '#\n'.repeat(300) + good,
    ])
      await expect(Policy.parse(bad), bad).rejects.toThrow('policy');
  });
});
