/** The tokens of a text as bytes. */
import { Transcriber } from "./transcriber.ts";

/** The bytes of a token of a text: of a language model, those may be a part of a character. */
export function tokenBytes(model: Transcriber, id: number): Uint8Array {
  const { recognizer } = Transcriber.windowsOf(model);
  return recognizer.tokenBytes?.(id) ?? new TextEncoder().encode(recognizer.labelText(id));
}
