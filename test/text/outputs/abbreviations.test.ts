import { describe, expect, it } from "vitest";
import { endsInAbbreviation } from "../../../src/text/outputs/abbreviations.ts";
import { borderCosts, CLAUSE } from "../../../src/text/outputs/border-costs.ts";
import { shapeCues } from "../../../src/text/outputs/cues.ts";
import { segment, transcript } from "../../helpers/builders/transcripts.ts";

/** Where a sentence or a clause ends, by the cost of a border there. */
function ends(text: string): string[] {
  const words = text.split(" ");
  const costs = borderCosts(words.map((word) => ({ text: word, spaced: true })));
  const borders = words.flatMap((_, i) => (costs[i]! <= CLAUSE ? [i + 1] : []));
  return borders.map((end, i) => words.slice(borders[i - 1] ?? 0, end).join(" "));
}

describe("points that end no sentence", () => {
  it.each([
    ["We met Dr. Smith today. He left.", ["We met Dr. Smith today.", "He left."]],
    ["The U.S. Army came at 5 p.m. on Monday. Good.", ["The U.S. Army came at 5 p.m. on Monday.", "Good."]],
    ["Ask J. R. Smith, Ph.D. about it.", ["Ask J. R. Smith,", "Ph.D. about it."]],
    ["It is No. 5 of vol. 2 now.", ["It is No. 5 of vol. 2 now."]],
    ["He said no. She left.", ["He said no.", "She left."]],
    ["It is I. You know.", ["It is I.", "You know."]],
    ["That was 1999. Then it ended.", ["That was 1999.", "Then it ended."]],
    ["Am 3. und 4. geht es z.B. um Obst bzw. Gemüse.", ["Am 3. und 4. geht es z.B. um Obst bzw. Gemüse."]],
    ["Det är t.ex. bra osv. nu.", ["Det är t.ex. bra osv. nu."]],
    ["Viděl jsem např. psa.", ["Viděl jsem např. psa."]],
    ["Mówi prof. Nowak, tzn. on.", ["Mówi prof. Nowak,", "tzn. on."]],
    ["Улица ул. Иван Вазов.", ["Улица ул. Иван Вазов."]],
    ["Wait... what? Yes.", ["Wait...", "what?", "Yes."]],
    ["(see approx. five) well.", ["(see approx. five) well."]],
  ])("%s", (text, wanted) => {
    expect(ends(text)).toEqual(wanted);
  });

  it("look at the last word only", () => {
    expect(endsInAbbreviation("with Dr. Smith.", "He")).toBe(false);
    expect(endsInAbbreviation("(Dr.)", "He")).toBe(true);
    expect(endsInAbbreviation("Dr", "He")).toBe(false);
    expect(endsInAbbreviation("Dr.?", "He")).toBe(false);
  });

  it("still end at a pause", () => {
    const characters = [...segment("Dr. ", 0).characters!, ...segment("Smith", 4).characters!];
    const shaped = shapeCues(transcript({ text: "", start: 0, end: 6, characters }));
    expect(shaped.map(({ text }) => text)).toEqual(["Dr.", "Smith"]);
  });
});
