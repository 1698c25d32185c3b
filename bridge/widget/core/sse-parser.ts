/**
 * Parser of `text/event-stream` (HTML standard, section 9.2): takes the stream's text in pieces of any size and calls back with the
 * data of every complete event. The bridge repeats an event's id and kind in its data, so the other fields are skipped, as comments are.
 */
export function createSseParser(onData: (data: string) => void): (piece: string) => void {
  let rest = '';
  let data: string[] = [];

  return (piece) => {
    rest += piece;
    // A carriage return at the very end may be the first half of CRLF: it waits for the next piece.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''));
      else if (!line && data.length) {
        onData(data.join('\n'));
        data = [];
      }
    }
  };
}
