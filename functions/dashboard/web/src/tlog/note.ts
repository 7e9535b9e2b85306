import { fromBase64, type Bytes } from './bytes';
import { TlogError } from './error';
import { isKeyName } from './key';

/** A larger note, or one with more signatures, is a mistake. */
const CHARS_MAX = 1_000_000;
const SIGNATURES_MAX = 100;
const ID_BYTES = 4;

/** A text with signatures below it (c2sp.org/signed-note); nothing of it is verified. */
export interface Note {
  /** What is signed, with its last line's end. */
  text: string;
  signatures: NoteSignature[];
}

export interface NoteSignature {
  name: string;
  /** Which key of that name. */
  id: Bytes;
  signature: Bytes;
}

export function parseNote(note: string): Note {
  const refused = (): TlogError => new TlogError('note', 'it is no signed note');
  const end = note.lastIndexOf('\n\n');
  if (end < 0 || note.length > CHARS_MAX || /[\x00-\x09\x0b-\x1f]/.test(note)) throw refused();
  const lines = note.slice(end + 2).split('\n');
  if (lines.pop() !== '' || lines.length === 0 || lines.length > SIGNATURES_MAX) throw refused();
  const signatures = lines.map((line) => {
    const [dash, name = '', base64 = '', ...more] = line.split(' ');
    const bytes = fromBase64(base64, 'note');
    if (dash !== '—' || !isKeyName(name) || more.length > 0 || bytes.length <= ID_BYTES) throw refused();
    return { name, id: bytes.slice(0, ID_BYTES), signature: bytes.slice(ID_BYTES) };
  });
  return { text: note.slice(0, end + 1), signatures };
}
