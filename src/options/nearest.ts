/** Suggestions for misspelled names. */
import { distance } from "../edit-distance.ts";

/** No name that we know is half as long: what is longer is no misspelling. */
const longest = 100;

/** The known name with the smallest edit distance, if it shares at least half of its letters. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (name.length > longest) return undefined;
  const letters = (text: string): string[] => Array.from(text.toLowerCase());
  const typed = letters(name);
  const shared = (one: readonly string[]): number => {
    const apart = typed.findIndex((letter, i) => letter !== one[i]);
    return apart < 0 ? typed.length : apart;
  };
  const [best] = known
    .map((one) => ({ one, edits: distance(typed, letters(one)), start: shared(letters(one)) }))
    .toSorted((a, b) => a.edits - b.edits || b.start - a.start); // people know how a name begins
  return best !== undefined && best.edits <= name.length / 2 ? best.one : undefined;
}

/** The remedy of an error for a name that is not known; without one where none is near. */
export function suggestion(
  name: string,
  known: readonly string[],
  prefix = "",
): { readonly remedy?: string } {
  const near = nearest(name, known);
  return near === undefined ? {} : { remedy: `Did you mean ${prefix}${near}?` };
}
