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
  const pairs = fc.dictionary(
    fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 2, maxLength: 5 }),
    fc.nat(40),
    { maxKeys: 60 },
  );
  fc.assert(
    fc.property(letters, pairs, (piece, ranks) => {
      const joined: PairRank = (left, right) => ranks[left + right];
      expect(bytePairEncode(piece, joined)).toEqual(plain(piece, joined));
      const parted: PairRank = (left, right) => ranks[`${left}${right}`] ?? ranks[right + left];
      expect(bytePairEncode(piece, parted)).toEqual(plain(piece, parted));
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
