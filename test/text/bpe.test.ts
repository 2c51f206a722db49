/** Byte-pair encoding of long pieces: the tokens of the plain definition, in a time that grows as the text does. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { bytePairEncode } from "../../src/text/bpe.ts";
import { QwenTokenizer } from "../../src/text/qwen-tokenizer.ts";
import { openCheckpoint } from "../../src/architectures/open.ts";
import { fixture } from "../helpers/environment/fixtures.ts";

type PairRank = (left: string, right: string) => number | undefined;

/** The definition: look at all pairs, join the leftmost of lowest rank, begin again. */
function plain(piece: string, rankOf: PairRank): string[] {
  const symbols = piece.split("");
  for (;;) {
    let [best, lowest] = [-1, Infinity];
    for (let i = 0; i + 1 < symbols.length; i++) {
      const rank = rankOf(symbols[i]!, symbols[i + 1]!) ?? Infinity;
      if (rank < lowest) [best, lowest] = [i, rank];
    }
    if (best < 0) return symbols;
    symbols.splice(best, 2, symbols[best]! + symbols[best + 1]!);
  }
}

it("gives the tokens of the definition, for any ranks", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 60 });
  const ranks = fc.record({ seed: fc.nat(), never: fc.nat(4), longest: fc.integer({ min: 2, max: 8 }) });
  fc.assert(
    fc.property(letters, ranks, (piece, { seed, never, longest }) => {
      const rankOf: PairRank = (left, right) => {
        let hash = seed;
        for (const letter of `${left} ${right}`) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) >>> 0;
        return left.length + right.length > longest || hash % 5 < never ? undefined : (hash >>> 4) % 60;
      };
      expect(bytePairEncode(piece, rankOf)).toEqual(plain(piece, rankOf));
    }),
    { numRuns: 2000 },
  );
});

it("reads a million letters without a space", async () => {
  await using model = await openCheckpoint(fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf"));
  const list = (key: string) => model.metadata.get(`tokenizer.ggml.${key}`) as readonly string[];
  const tokenizer = new QwenTokenizer({ tokens: list("tokens"), merges: list("merges") });
  const text = "the speech ".repeat(4).replaceAll(" ", "");
  const ids = tokenizer.encode(text.repeat(30_000), { specials: false });
  expect(tokenizer.decode(ids)).toBe(text.repeat(30_000));
  // what is between two repetitions repeats too
  const short = tokenizer.encode(text.repeat(30), { specials: false });
  expect(ids.slice(0, short.length - 40)).toEqual(short.slice(0, -40));
});
