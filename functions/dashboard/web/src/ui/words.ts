/** A part of a sentence that a program wrote. */
export interface WordsPart {
  kind: 'text' | 'code' | 'moment';
  words: string;
}

const MARKED = /`([^`]+)`|(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/g;

/** Takes names between backticks and moments out of a sentence; what stands around them stays as it is. */
export function partsOf(sentence: string): WordsPart[] {
  const parts: WordsPart[] = [];
  let from = 0;
  const say = (until: number): void => {
    if (until > from) parts.push({ kind: 'text', words: sentence.slice(from, until) });
  };
  for (const match of sentence.matchAll(MARKED)) {
    const [whole, code, moment = ''] = match;
    say(match.index);
    from = match.index + whole.length;
    parts.push(code === undefined ? { kind: 'moment', words: moment } : { kind: 'code', words: code });
  }
  say(sentence.length);
  return parts;
}
