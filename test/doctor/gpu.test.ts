/** The check of a GPU, here on TensorFlow of the processor: what it reports, up to the first speed of a model. */
import { expect, it, vi } from "vitest";
import { openModel } from "../../src/containers/open-model.ts";
import { checkGpu } from "../../src/doctor/gpu.ts";
import { multiplySpeed } from "../../src/doctor/tensorflow.ts";
import "../../src/node.ts";
import { tinySamples } from "../helpers/builders/speech.ts";
import { describeOn } from "../helpers/environment/backends.ts";
import { fixture } from "../helpers/environment/fixtures.ts";

const { signal } = new AbortController();

describeOn("tensorflow", "the check of a GPU", () => {
  it(
    "reports the device, the agreement with cpu, and speeds to three digits",
    { timeout: 300_000 },
    async () => {
      await using model = await openModel(fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf"));
      const lines = new Map<string, string>();
      const enough = new Error("enough");
      const line = ([what, found]: readonly [string, string]): void => {
        lines.set(what, found);
        if (what.startsWith("encoder")) throw enough;
      };
      const clip = tinySamples();
      const check = checkGpu({ parityModel: model, clip, timedModel: model, tokens: 2, line, signal });
      await expect(check).rejects.toBe(enough);

      const found = [...lines].map(([what, result]) => `${what}: ${result}`);
      const digits = String.raw`(?:0\.0*[1-9]\d\d|[1-9]\.\d\d|[1-9]\d\.\d|[1-9]\d\d|[1-9]\.\d\de\+\d+)`;
      for (const [at, pattern] of [
        String.raw`^device: `,
        String.raw`^TensorFlow: \d+\.\d+`,
        String.raw`^parity of \d+ stages, float32: .* \(at most 0\.00001\)$`,
        String.raw`^parity of \d+ stages, half: .* \(at most 0\.005\)$`,
        String.raw`^parity of \d+ stages, bfloat16: .* \(at most 0\.05\)$`,
        String.raw`^matrix product, float32: ${digits} TFLOP/s$`,
        String.raw`^matrix product, half: ${digits} TFLOP/s$`,
        String.raw`^encoder, 60 s of audio, float32, packed: \d+\.\d{3} s`,
      ].entries())
        expect(found[at]).toMatch(new RegExp(pattern, "u"));
      expect(found).toHaveLength(8);
    },
  );

  it("counts a multiplication and an addition for each of the size³ terms of twenty products", async () => {
    const size = 7;
    let seconds = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => 1000 * seconds++);
    const speed = await multiplySpeed("float32", size, signal).finally(() => clock.mockRestore());
    const passed = (20 * 2 * size ** 3) / speed; // looks at the clock, of which others have some, too
    expect(passed).toBeGreaterThanOrEqual(1);
    expect(passed).toBeCloseTo(Math.round(passed), 9);
  });
});
