/** One event of a stream of server-sent events, as far as the API uses them. */
export interface Message {
  id: string;
  data: string;
}

/** No event of ours is longer; what is, is given up. */
const UNREAD_MAX = 256 * 1024;

/** Reads a stream of server-sent events as it comes: events may be cut anywhere. */
export class StreamReader {
  private unread = '';

  /** Gives the events that are complete with this piece. */
  read(piece: string): Message[] {
    // An end of a line may be cut in two: one that stands last may be half of it.
    this.unread = (this.unread + piece).replace(/\r\n|\r(?!$)/g, '\n');
    const blocks = this.unread.split('\n\n');
    this.unread = blocks.pop() ?? '';
    if (this.unread.length > UNREAD_MAX) this.unread = '';
    return blocks.flatMap((block) => message(block) ?? []);
  }
}

function message(block: string): Message | undefined {
  let id = '';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    // A line that begins with a colon only keeps the stream open.
    if (colon <= 0) continue;
    const value = line.slice(colon + 1).replace(/^ /, '');
    if (line.startsWith('data:')) data.push(value);
    else if (line.startsWith('id:')) id = value;
  }
  return data.length > 0 ? { id, data: data.join('\n') } : undefined;
}
