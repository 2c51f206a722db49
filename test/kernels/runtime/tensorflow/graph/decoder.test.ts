/** Decoding as one graph gives the tokens of decoding step by step, however the calls are cut. */
import { readdirSync } from "node:fs";
import { beforeAll, expect, it } from "vitest";
import { compileDecoder } from "../../../../../kernels/runtime/tensorflow/graph/compile.ts";
import type { CompiledDecoder } from "../../../../../kernels/backend.ts";
import { load } from "../../../../../src/index.ts";
import { buildModel } from "../../../../../src/architectures/build.ts";
import type { FunAsrNano } from "../../../../../src/models/fun-asr-nano/fun-asr-nano.ts";
import type { Qwen3 } from "../../../../../src/models/qwen3.ts";
import { engine } from "../../../../helpers/environment/engine.ts";
import { dispose, tensor, values } from "../../../../../src/nn/ops.ts";
import { argmax } from "../../../../../src/decoding/greedy.ts";
import { describeOn } from "../../../../helpers/environment/backends.ts";
import { fixture } from "../../../../helpers/environment/fixtures.ts";
import { normals } from "../../../../helpers/builders/random.ts";
import { tinyNano, tinyNanoCheckpoint } from "../../../../helpers/builders/tiny-nano.ts";

const demo = fixture("../models/demo/fun-asr-demo-q8_0.gguf");
const clips = readdirSync(fixture("audio/demo"))
  .filter((name) => name.endsWith(".wav") && name !== "zh-long.wav") // that one is cut into parts like these
  .map((name) => fixture(`audio/demo/${name}`));
const noTurn = async (): Promise<void> => {};
const prompt = (rows: number) => tensor(normals(rows, rows * tinyNano.llmSize), [rows, tinyNano.llmSize]);

/** `count` tokens by prefill and steps. */
async function stepwise(llm: Qwen3, rows: number, count: number): Promise<number[]> {
  const embeds = prompt(rows);
  const cache = llm.newCache(rows + count);
  let logits = await llm.prefill(embeds, cache, noTurn);
  const tokens: number[] = [];
  for (;;) {
    tokens.push(argmax(await values(logits)));
    dispose(logits);
    if (tokens.length === count) break;
    logits = llm.step(tokens.at(-1)!, cache);
  }
  cache.dispose();
  dispose(embeds);
  return tokens;
}

function inCalls(decoder: CompiledDecoder, rows: number, count: number, call: number): number[] {
  const embeds = prompt(rows);
  const tokens = [decoder.begin(embeds)];
  dispose(embeds);
  while (tokens.length < count) {
    const more = decoder.next(tokens.at(-1)!, Math.min(call, count - tokens.length));
    tokens.push(...more);
  }
  return tokens;
}

describeOn("tensorflow", "compiled decoding", () => {
  let loaded: Awaited<ReturnType<typeof buildModel>>;
  let llm: Qwen3;
  beforeAll(async () => {
    loaded = await buildModel(tinyNanoCheckpoint(), { engine, backend: "tensorflow" });
    ({ llm } = loaded.model as FunAsrNano);
  });
  const plan = { buckets: [8, 24], capacity: 80, chunk: 16, endIds: [] };

  it.each([false, true])("writes the tokens of single steps (XLA: %s)", { timeout: 240_000 }, async (xla) => {
    await engine.run("tensorflow", async () => {
      const decoder = await compileDecoder(llm, { ...plan, xla });
      for (const rows of [1, 7, 8, 13, 24]) {
        const expected = await stepwise(llm, rows, 40);
        for (const call of [1, 5, 16]) expect(inCalls(decoder, rows, 40, call)).toEqual(expected);
      }
      decoder.dispose();
    });
  });

  it("stops after a token that ends the text", async () => {
    await engine.run("tensorflow", async () => {
      const expected = await stepwise(llm, 9, 30);
      const end = expected[6]!;
      const until = expected.indexOf(end, 1);
      const decoder = await compileDecoder(llm, { ...plan, endIds: [end], xla: false });
      const embeds = prompt(9);
      const first = decoder.begin(embeds);
      dispose(embeds);
      expect([first, ...decoder.next(first, 16)]).toEqual(expected.slice(0, until + 1));
      decoder.dispose();
    });
  });

  it("reports which prompts and lengths fit", async () => {
    await engine.run("tensorflow", async () => {
      const decoder = await compileDecoder(llm, { ...plan, xla: false });
      expect([decoder.fits(8, 72), decoder.fits(9, 57), decoder.fits(25, 1)]).toEqual([true, false, false]);
      decoder.dispose();
    });
  });

  it("writes the tokens of single steps for each clip of the demo", { timeout: 240_000 }, async () => {
    const written = async (decoding: "graph" | "eager"): Promise<number[][]> => {
      using model = await load(demo, { backend: "tensorflow", tensorflow: { decoding } });
      const texts: number[][] = [];
      for (const clip of clips) texts.push([...(await model.transcribe(clip)).tokens]);
      return texts;
    };
    const compiled = await written("graph");
    expect(compiled.every((tokens) => tokens.length > 3)).toBe(true);
    expect(compiled).toEqual(await written("eager"));
  });
});
