import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CONTROLS, WAIVED } from './policy';
import { text } from './text';

const policy = readFileSync(
  new URL('../../../../../../shared/model/src/operator_override/policy.yaml', import.meta.url),
  'utf8',
);

describe('what the page knows of the policy', () => {
  it('is every control as the policy has it', () => {
    const line = /^ {2}(\w+): +\{ summary: (.+?\.), +max_age_seconds: (\d+), +fails: (open|closed) \}$/gm;
    const found = [...policy.matchAll(line)].map(([, name = '', summary, age, fails]) => [
      name,
      { summary, maxAgeSeconds: Number(age), closed: fails === 'closed' },
    ]);
    const known = Object.entries(CONTROLS).map(([name, spec]) => [name, { summary: text.controls[name]?.summary, ...spec }]);
    expect(found.length).toBe(8);
    expect(Object.fromEntries(known)).toEqual(Object.fromEntries(found));
  });

  it('is every rule that an emergency waives', () => {
    const rules = policy.slice(policy.indexOf('\nrules:'), policy.indexOf('\nautomatic:')).split('- name: ').slice(1);
    const waived = rules.filter((rule) => /emergency: true/.test(rule)).map((rule) => rule.split('\n')[0]);
    expect(new Set(waived)).toEqual(WAIVED);
  });
});
