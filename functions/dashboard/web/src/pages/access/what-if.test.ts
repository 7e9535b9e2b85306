import { expect, it } from 'vitest';
import { fromText, toText } from './what-if';

it('changes stand in an address and are read back', () => {
  const changes = [
    { person: 'oscar', role: 'auditor' as const, change: 'give' as const },
    { person: 'oscar', role: 'operator' as const, change: 'take' as const },
  ];
  expect(toText(changes)).toBe('+auditor:oscar,-operator:oscar');
  expect(fromText(toText(changes))).toEqual(changes);
});

it('what is no change is left out', () => expect(fromText('+king:oscar,nothing,,+viewer:')).toEqual([]));
