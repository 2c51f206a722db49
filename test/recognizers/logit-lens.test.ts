/** Lenses: the last layer gives the text of the model, and each layer the text of the model without the layers after it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testedBackends } from "../helpers/environment/backends.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { load } from "../../src/index.ts";
import type { Transcriber } from "../../src/index.ts";
import { liveTensors } from "../../src/nn/backend.ts";
import { lens } from "../../src/lab.ts";

const clip = fixture("audio/tiny.wav");

describe.each(testedBackends)("on %s", (backend) => {
  let model: Transcriber;
  beforeAll(async () => {
    model = await load(fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf"), { backend });
  });
  afterAll(() => model.dispose());

  it("reads from the LLM's last layer what the LLM writes", async () => {
    const before = liveTensors();
    const layers = await lens(model, clip, { of: "llm", top: 3, maxNewTokens: 6 });
    expect(liveTensors() - before, "tensors leaked").toBe(0);
    const { tokens } = await model.transcribe(clip, { maxNewTokens: 6 });
    expect(layers.map(({ name }) => name)).toEqual(["llm.model.layers.0", "llm.model.layers.1"]);
    const last = layers.at(-1)!;
    expect(last.rows.map(([best]) => best!.id)).toEqual(tokens);
    expect(last.agreement).toBe(1);
    for (const row of last.rows) {
      expect(row).toHaveLength(3);
      expect(row[0]!.probability).toBeGreaterThanOrEqual(row[1]!.probability);
      expect(row[1]!.probability).toBeGreaterThanOrEqual(row[2]!.probability);
    }
  });

  it("reads from an earlier layer the text that the model gives without the layers after it", async () => {
    const [first] = await lens(model, clip, { of: "llm", maxNewTokens: 1 });
    const { transcription } = await model.run(clip, {
      maxNewTokens: 1,
      ablate: [{ at: "llm.model.layers.1", to: "skip" }],
    });
    expect(first!.rows.map(([best]) => best!.id)).toEqual(transcription!.tokens);

    const layers = await lens(model, clip, { of: "ctc" });
    const paths = layers.map(({ name }) => name);
    expect(paths).toEqual([
      "audio_encoder.encoders0.0",
      "audio_encoder.encoders.0",
      "audio_encoder.encoders.1",
      "audio_encoder.tp_encoders.0",
      "audio_encoder.tp_encoders.1",
    ]);
    for (const [i, { rows }] of layers.entries()) {
      const after = paths.slice(i + 1).map((at) => ({ at, to: "skip" }) as const);
      const { stages } = await model.run(clip, {
        capture: ["ctc.ids"],
        ablate: after,
        stopAfter: "ctc.ids",
      });
      expect(
        rows.map(([best]) => best!.id),
        paths[i]!,
      ).toEqual([...stages.get("ctc.ids")!.values]);
    }
  });

  it("refuses a head that the model does not have", async () => {
    using other = await load(fixture("tiny/paraformer/paraformer-bf16.gguf"), { backend });
    await expect(lens(other, clip, { of: "llm" })).rejects.toMatchObject({ code: "bad_option" });
  });
});
