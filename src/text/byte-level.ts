/**
 * The byte alphabet of GPT-2's byte-level BPE: every byte has one printable character, so that a vocabulary of
 * byte strings can be written as text. Bytes that print (33-126, 161-172, 174-255) stand for themselves; the
 * other 68 take U+0100, U+0101, … in order. A space is therefore "Ġ" and a line feed "Ċ".
 */

const CHARACTER_OF_BYTE: readonly string[] = alphabet();
const BYTE_OF_CHARACTER: ReadonlyMap<string, number> = new Map(
  CHARACTER_OF_BYTE.map((character, byte) => [character, byte]),
);
const utf8 = new TextEncoder();

function alphabet(): string[] {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => {
    const prints = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
    return String.fromCharCode(prints ? byte : next++);
  });
}

/** The characters that stand for the UTF-8 bytes of `text`. A lone surrogate becomes U+FFFD first. */
export function toByteLevel(text: string): string {
  if (/^[!-~]*$/u.test(text)) return text; // these stand for themselves
  let out = "";
  for (let i = 0; i < text.length; i++) {
    const byte = text.charCodeAt(i);
    if (byte >= 128) return out + encoded(text.slice(i));
    out += CHARACTER_OF_BYTE[byte]; // an encoder's call takes longer than most pieces of a text
  }
  return out;
}

function encoded(text: string): string {
  let out = "";
  for (const byte of utf8.encode(text)) out += CHARACTER_OF_BYTE[byte];
  return out;
}

/** The bytes that a vocabulary entry stands for, or undefined where a character is not in the alphabet. */
export function fromByteLevel(token: string): Uint8Array | undefined {
  const bytes = new Uint8Array(token.length);
  for (let i = 0; i < token.length; i++) {
    const byte = BYTE_OF_CHARACTER.get(token.charAt(i));
    if (byte === undefined) return undefined;
    bytes[i] = byte;
  }
  return bytes;
}

/** Whether every character is in the alphabet. */
export function isByteLevel(token: string): boolean {
  return /^[!-~\u00a1-\u00ac\u00ae-\u0143]*$/u.test(token);
}

/** The 256 one-character entries that every complete byte-level vocabulary has. */
export const BYTE_CHARACTERS = CHARACTER_OF_BYTE;
