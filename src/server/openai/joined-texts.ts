/** Texts one after the other, as they come. */
import { joinTexts } from "../../longform/segment.ts";

export class JoinedTexts {
  #text = "";

  /** What the text adds to those before it, with a space where one belongs between them. */
  add(text: string): string {
    const joined = joinTexts([this.#text, text]);
    const added = joined.slice(this.#text.length);
    this.#text = joined;
    return added;
  }
}
