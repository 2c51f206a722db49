/**
 * Drafts of a published recording, a minute of Chinese with many names and numbers: the language model's text by its CTC text,
 * in Qwen's own tokens. What is drafted is checked by steps of a model that knows the text.
 */
import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { argmax } from "../../src/decoding/greedy.ts";
import { tensor } from "../../src/nn/ops.ts";
import { StepCounts, steppedTokens } from "../../src/recognizers/token-source.ts";
import { TextDrafter } from "../../src/text/drafts/drafter.ts";
import { knownText } from "../helpers/builders/known-text.ts";
import { engine } from "../helpers/environment/engine.ts";
import { qwenVocabulary } from "../helpers/environment/qwen-vocabulary.ts";
import { shared } from "../helpers/environment/shared.ts";

const log = shared("golden/fun-asr-gguf-log.json");
const tokenizer = log === undefined ? undefined : await qwenVocabulary();

it.skipIf(log === undefined || tokenizer === undefined).each([
  [3, 3, 2.9],
  [3, 5, 3.3],
  [7, 7, 4.4],
])("has, with %i to %i drafted tokens, at least %f tokens a step", async (usual, most, least) => {
  const { ctcText, llmText } = JSON.parse(await readFile(log!, "utf8")) as Record<
    "ctcText" | "llmText",
    string
  >;
  const endId = tokenizer!.id("<|im_end|>");
  const text = [...tokenizer!.encode(llmText, { specials: false }), endId];
  expect(text).toHaveLength(257); // as the log counts them, and the end
  const counts = new StepCounts();
  const written: number[] = [];
  await engine.run("cpu", async () => {
    const llm = knownText(text, tokenizer!.size, 1);
    const drafter = (): TextDrafter => new TextDrafter(ctcText, tokenizer!, { itn: true, endId });
    const source = steppedTokens(llm, { rows: 1, tokens: 300 }, counts, { usual, most, drafter });
    await source.begin(
      () => tensor(new Float32Array(1), [1, 1]),
      async () => {},
    );
    for await (const { id } of source.tokens((logits) => ({ id: argmax(logits) }))) {
      written.push(id);
      if (id === endId) break;
    }
    source.dispose();
  });
  expect(written).toEqual(text);
  expect(text.length / (1 + counts.steps)).toBeGreaterThanOrEqual(least); // the prompt's is a step too
});
