/**
 * Text for a terminal. What controls one (escape sequences, which also write the clipboard and rename the window; the C1
 * forms of their first bytes; a carriage return, which writes over the line) and what reverses the order of the letters is
 * shown as an escape of JSON. Names of files, metadata, transcripts and the texts of servers may hold any of these.
 */

/** C0 and C1 but for tab and line feed, controls of bidirectional text, separators of lines, halves of pairs. */
const unsafe = /(?![\t\n])[\p{Cc}\p{Bidi_Control}\u2028\u2029\p{Cs}]/gu;

/** The text with tabs and lines kept, and `\r\n` as the end of a line. */
export function printable(text: string): string {
  return text.replaceAll("\r\n", "\n").replaceAll(unsafe, escaped);
}

/** The same as one line. */
export function printableLine(text: string): string {
  return printable(text).replaceAll(/[\t\n]/gu, escaped);
}

/**
 * The same as one note, which may have more lines, each indented: a line feed before any other is of a name, and would forge
 * a note.
 */
export function printableNote(text: string): string {
  return printable(text).replaceAll(/\n(?! )/gu, escaped);
}

const escaped = (letter: string): string => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** Bytes of UTF-8 text in pieces, for a terminal; undefined for bytes that no text has. */
export function printableBytes(): (bytes: Uint8Array) => Uint8Array | undefined {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const encoder = new TextEncoder();
  let held = "";
  return (bytes) => {
    if (bytes.includes(0)) return undefined;
    const text = held + decoder.decode(bytes, { stream: true });
    held = text.endsWith("\r") ? "\r" : ""; // its line feed may be in the next piece
    return encoder.encode(printable(text.slice(0, text.length - held.length)));
  };
}
