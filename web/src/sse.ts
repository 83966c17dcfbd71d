// Server-sent events out of a stream of text, as the HTML standard reads them. EventSource
// itself cannot send an Authorization header.

export type Message = { id: string; event: string; data: string };

/** Cuts pieces of text into messages. Feed it pieces as they come, cut anywhere. */
export class MessageReader {
  private rest = '';
  private id = '';
  private event = '';
  private data: string[] = [];

  push(piece: string): Message[] {
    const messages: Message[] = [];
    this.rest += piece;
    let from = 0;
    for (;;) {
      const end = this.rest.slice(from).search(/[\r\n]/);
      if (end < 0) break;
      const at = from + end;
      // A lone \r at the very end may be the first half of \r\n.
      if (this.rest[at] === '\r' && at + 1 === this.rest.length) break;
      const message = this.line(this.rest.slice(from, at));
      if (message) messages.push(message);
      from = at + (this.rest.startsWith('\r\n', at) ? 2 : 1);
    }
    this.rest = this.rest.slice(from);
    return messages;
  }

  private line(line: string): Message | null {
    if (line === '') {
      const message = { id: this.id, event: this.event || 'message', data: this.data.join('\n') };
      const complete = this.data.length > 0;
      this.event = '';
      this.data = [];
      return complete ? message : null;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    let value = colon < 0 ? '' : line.slice(colon + 1);
    if (value.startsWith(' ')) value = value.slice(1);
    if (field === 'id') this.id = value;
    else if (field === 'event') this.event = value;
    else if (field === 'data') this.data.push(value);
    return null;
  }
}
