import { describe, expect, it } from 'vitest';
import { partsOf } from './words';

describe('words', () => {
  it('have names and moments in them', () => {
    expect(partsOf('everybody holds `roles/viewer`; exempt until 2026-12-19T23:59:59Z')).toEqual([
      { kind: 'text', words: 'everybody holds ' },
      { kind: 'code', words: 'roles/viewer' },
      { kind: 'text', words: '; exempt until ' },
      { kind: 'moment', words: '2026-12-19T23:59:59Z' },
    ]);
    expect(partsOf('2026-11-23T12:00:00.5Z (after 10 s)').map(({ kind }) => kind)).toEqual(['moment', 'text']);
  });
  it('stay as they are where nothing is marked', () => {
    expect(partsOf('')).toEqual([]);
    for (const plain of ['no end of ` it', '``', '2026-12-19', 'a\nb']) expect(partsOf(plain)).toEqual([{ kind: 'text', words: plain }]);
  });
});
