/**
 * Streaming UTF-8 decoder. A token of a byte-level vocabulary may end in the middle of a character: incomplete bytes
 * are held back, so the output never has half a character, and the pieces joined are exactly the text of all bytes at
 * once. Invalid bytes, and an unfinished character at the end, become
 * U+FFFD (one for each maximal invalid run, as Python's and Rust's lossy decoders do).
 */
export class Utf8Stream {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });

  /** The text that these bytes complete; empty while a character is unfinished. */
  push(bytes: Uint8Array): string {
    return this.#decoder.decode(bytes, { stream: true });
  }

  /** The rest, once no more bytes follow. The decoder can then be used again. */
  end(): string {
    return this.#decoder.decode();
  }
}

/** The text of several byte strings joined. */
export function decodeUtf8(parts: Iterable<Uint8Array>): string {
  const stream = new Utf8Stream();
  let text = "";
  for (const bytes of parts) text += stream.push(bytes);
  return text + stream.end();
}
