import { describe, expect, it } from 'vitest';
import { fuzzy, rank } from './fuzzy';

const words = (item: string): string[] => [item];

describe('fuzzy matching', () => {
  it('wants every letter, in order', () => {
    expect(fuzzy('inc', 'Incidents')).not.toBeNull();
    expect(fuzzy('cni', 'Incident')).toBeNull();
    expect(fuzzy('xyz', 'Incidents')).toBeNull();
  });

  it('says which letters matched', () => {
    expect(fuzzy('trad', 'Halt trading')?.positions).toEqual([5, 6, 7, 8]);
    expect(fuzzy('ht', 'Halt trading')?.positions).toEqual([0, 5]);
  });

  it('prefers beginnings, then words, then scattered letters', () => {
    expect(rank('au', ['Default', 'Run an audit', 'Audits'], words)).toEqual(['Audits', 'Run an audit', 'Default']);
    expect(rank('ha', ['Search all', 'Halt trading'], words)[0]).toBe('Halt trading');
  });

  it('keeps everything, in its order, for an empty query', () =>
    expect(rank('  ', ['b', 'a'], words)).toEqual(['b', 'a']));

  it('counts a keyword for less than the title', () => {
    const items = [
      { title: 'Settings', keywords: ['theme'] },
      { title: 'Theme', keywords: [] },
    ];
    expect(rank('theme', items, (item) => [item.title, ...item.keywords])[0]?.title).toBe('Theme');
  });
});
