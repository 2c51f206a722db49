/** `dispose` at any moment of a call ends it with the code `disposed`, or the call ends as if nothing had happened. */
import { describe, expect, it } from "vitest";
import { load } from "../../src/index.ts";
import type { Transcriber } from "../../src/index.ts";
import { tinySamples } from "../helpers/builders/speech.ts";
import { fixture } from "../helpers/environment/fixtures.ts";

const vad = fixture("tiny/fsmn-vad/fsmn-vad.gguf");
const clip = fixture("audio/tiny.wav");

/** Four clips, so that there are several windows and jobs. */
function long(): Float32Array {
  const samples = tinySamples();
  return Float32Array.from({ length: 4 * samples.length }, (_, i) => samples[i % samples.length]!);
}

const calls: Readonly<Record<string, (model: Transcriber) => Promise<unknown>>> = {
  transcribe: (model) => model.transcribe(clip, { timestamps: "word", maxNewTokens: 5 }),
  "transcribe by windows": (model) => model.transcribe(long(), { chunk: { seconds: 1 }, maxNewTokens: 2 }),
  align: (model) => model.align(clip, "Ki, no"),
  ctc: (model) => model.ctc(clip),
  run: (model) => model.run(clip, { capture: ["*"], maxNewTokens: 2 }),
  transcribeStream: async (model) => {
    for await (const _ of model.transcribeStream(long(), { chunk: { seconds: 1 }, maxNewTokens: 2 }));
  },
};

describe.each(["fun-asr-nano", "paraformer", "sensevoice"])("%s", (name) => {
  const file = fixture(`tiny/${name}/${name}-bf16.gguf`);

  it.each(Object.entries(calls).filter(([call]) => call !== "ctc" || name !== "paraformer"))(
    "%s",
    async (_, call) => {
      // another model on the same engine, which must neither end nor lose its memory
      using other = await load(file);
      const expected = (await other.transcribe(clip, { maxNewTokens: 2 })).text;
      let disposed = 0;
      for (let step = 0; step < 12; step++) {
        const model = await load(file, { vad });
        const outcome = call(model).then(
          () => "done",
          (error: unknown) => (error as { readonly code?: string }).code ?? error,
        );
        for (let turn = 0; turn < step * 6; turn++) await (turn % 3 === 2 ? tick() : undefined);
        model.dispose();
        const ended = await outcome;
        expect(["done", "disposed"], String(step)).toContain(ended);
        if (ended === "disposed") disposed++;
        await expect(call(model)).rejects.toMatchObject({ code: "disposed" });
      }
      expect(disposed).toBeGreaterThan(1);
      expect((await other.transcribe(clip, { maxNewTokens: 2 })).text).toBe(expected);
    },
    120_000,
  );
});

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
