/** A compiled decoder has one cache: texts that are generated at once use it one after the other. */
import { expect, it } from "vitest";
import { registerBackend } from "../../kernels/backends/index.ts";
import { startWasm } from "../../kernels/backends/wasm.ts";
import { nodeHost } from "../../kernels/runtime/wasm/hosts/node.ts";
import { load } from "../../src/index.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { normals } from "../helpers/builders/random.ts";

const begun: number[] = [];

// A decoder that generates the number of its prompt's rows, whichever prompt came last.
registerBackend("tensorflow", () => ({
  ...startWasm(nodeHost, { threads: 1 }),
  compileDecoder: async () => {
    let rows = 0;
    return {
      fits: () => true,
      begin: (embeds) => {
        rows = embeds.shape[0]!;
        begun.push(rows);
        return rows;
      },
      next: (_, count) => Array<number>(count).fill(rows),
      rewind: () => {},
      dispose: () => {},
    };
  },
}));

it("keeps texts apart, and is free again after an abort", async () => {
  const file = fixture("tiny/fun-asr-nano/fun-asr-nano-q8_0.gguf");
  using model = await load(file, { backend: "tensorflow" });
  const controller = new AbortController();
  const transcribe = async (length: number, signal?: AbortSignal): Promise<readonly number[]> => {
    const options = { maxNewTokens: 30, silenceGate: "off", onToken: () => {}, signal } as const;
    return (await model.transcribe(normals(1, length, 0.1), options)).tokens;
  };
  const calls = [
    transcribe(6_000),
    transcribe(12_000, controller.signal),
    transcribe(24_000),
    transcribe(16_000),
  ];
  const ends = Promise.allSettled(calls);
  while (begun.length === 0) await new Promise(setImmediate);
  controller.abort(new Error("enough"));
  const [first, aborted, third, fourth] = await ends;
  expect(aborted).toMatchObject({ status: "rejected", reason: { message: "enough" } });
  const texts = [first, third, fourth].map((end) => (end as PromiseFulfilledResult<number[]>).value);
  for (const tokens of texts) expect(new Set(tokens).size).toBe(1);
  expect(new Set(texts.map(([token]) => token)).size).toBe(3);
  expect(await transcribe(12_000)).not.toEqual([]);
});
