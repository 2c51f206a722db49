/**
 * Drafts for random weights, whose CTC branch has nothing to do with their language model: each token of a text that is
 * known from an earlier run is drafted right with a given probability.
 */
import { TextDrafter } from "../../src/text/drafts/drafter.ts";
import { uniform } from "../../test/helpers/builders/random.ts";

/** Gives every drafter the tokens of that text which begins as its own does. The last token drafts nothing. */
export function draftFrom(texts: readonly (readonly number[])[], probability: number): void {
  const drafts = texts.map((text, i) => {
    const random = uniform(1 + i);
    return text.map((id) => (random() < probability ? id : id + 1));
  });
  const own = new WeakMap<TextDrafter, number>();
  TextDrafter.prototype.propose = function propose(written, most) {
    const index = own.get(this) ?? texts.findIndex((text) => written.every((id, i) => text[i] === id));
    if (index < 0) throw new Error(`no known text begins with ${written.join(", ")}`);
    own.set(this, index);
    return drafts[index]!.slice(written.length, written.length + most);
  };
}
