/** What a caller without types does wrong with hooks and interventions is refused with its place, and the next pass works. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tensor } from "../../src/nn/ops.ts";
import { load } from "../../src/node.ts";
import type { Transcriber } from "../../src/node.ts";
import { fixture } from "../helpers/environment/fixtures.ts";

const clip = fixture("audio/tiny.wav");
const at = "audio_adaptor";
const values = new Float32Array(1);

let model: Transcriber;
beforeAll(async () => {
  model = await load(fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf"));
});
afterAll(() => model.dispose());

/** As a caller without types calls it. */
const run = (options: object): Promise<unknown> =>
  model.run(clip, { stopAfter: at, ...options } as Parameters<Transcriber["run"]>[1]);
const hook = (onTensor: unknown): object => ({ hook: { wants: (path: string) => path === at, onTensor } });

describe("is refused:", () => {
  it.each<[string, object, RegExp]>([
    ["a function as a hook", { hook: () => {} }, /^hook: a function; wanted a Hook/u],
    ["a hook without onTensor", { hook: { wants: () => true } }, /^hook: an object; wanted a Hook/u],
    [
      "a number from a hook",
      hook(() => 5),
      /^hook\.onTensor at audio_adaptor: number; wanted nothing, or a tensor \[/u,
    ],
    ["an array from a hook", hook(() => values), /onTensor at audio_adaptor: an object that is no tensor/u],
    [
      "a promise from a hook",
      hook(async () => {}),
      /onTensor at audio_adaptor: a promise; wanted .* at once/u,
    ],
    [
      "another shape from a hook",
      hook(() => tensor(values, [1])),
      /onTensor at audio_adaptor: a tensor \[1\]/u,
    ],
    [
      "a disposed tensor from a hook",
      hook((_: string, { size, shape }: { size: number; shape: number[] }) => {
        const result = tensor(new Float32Array(size), shape);
        result.dispose();
        return result;
      }),
      /onTensor at audio_adaptor: a tensor that was disposed/u,
    ],
    [
      "the stage's tensor, disposed",
      hook((_: string, value: { dispose(): void }) => value.dispose()),
      /onTensor at audio_adaptor: the stage's tensor was disposed/u,
    ],
    ["an unknown option", { tap: {} }, /^tap: unknown option/u],
    ["a text to capture", { capture: at }, /^capture: "audio_adaptor"; wanted an array of strings/u],
    [
      "an unknown stage to capture",
      { capture: ["audio_adapter"] },
      /^stage: audio_adapter; .* Did you mean audio_adaptor\?/u,
    ],
    ["an unknown last stage", { stopAfter: "audio_adapter" }, /Did you mean audio_adaptor\?/u],
    ["an object as a sink", { capture: [at], sink: {} }, /^sink: an object; wanted a function/u],
    [
      "one patch without a list",
      { patch: { at, with: values } },
      /^patch: an object; wanted an array of patches/u,
    ],
    [
      "a patch of nothing",
      { patch: [{ with: values }] },
      /^patch\[0\]\.at: absent; wanted name of the stage/u,
    ],
    ["a patch without values", { patch: [{ at }] }, /^patch\[0\]\.with: absent/u],
    [
      "a patch with a plain list",
      { patch: [{ at, with: [1] }] },
      /^patch\[0\]\.with: an object that is no tensor; wanted a Float32Array/u,
    ],
    ["a patch with a shape alone", { patch: [{ at, with: { shape: [1] } }] }, /^patch\[0\]\.with/u],
    [
      "a misspelled part",
      { patch: [{ at, wiht: values }] },
      /^patch\[0\]\.wiht: unknown option\. Did you mean patch\[0\]\.with\?/u,
    ],
    ["rows as a text", { patch: [{ at, frames: "1-2", with: values }] }, /^patch\[0\]\.frames/u],
    ["rows without an end", { ablate: [{ at, frames: [1] }] }, /^frames: 1 to undefined/u],
    [
      "an unknown replacement",
      { ablate: [{ at, to: "men" }] },
      /^ablate\[0\]\.to: "men"; wanted zero, mean, skip\. Did you mean mean\?/u,
    ],
    ["an unknown stage to ablate", { ablate: [{ at: "audio_adaptr" }] }, /Did you mean audio_adaptor\?/u],
    ["heads as a number", { ablate: [{ at, heads: 0 }] }, /^ablate\[0\]\.heads/u],
    ["a scaling without a factor", { scale: [{ at }] }, /^scale\[0\]\.by: absent; wanted the factor/u],
    ["a factor as a text", { scale: [{ at, by: "2" }] }, /^scale\[0\]\.by: "2"; wanted a number/u],
    ["a factor that is no number", { scale: [{ at, by: Number.NaN }] }, /^scale\[0\]\.by: NaN/u],
  ])("%s", async (_, options, message) => {
    await expect(run(options)).rejects.toMatchObject({
      name: "UsageError",
      code: "bad_option",
      message: expect.stringMatching(message),
    });
    await expect(run({ capture: [at] })).resolves.toMatchObject({ stages: expect.any(Map) });
  });
});

it("an error of the caller's own hook passes unchanged", async () => {
  const mine = new Error("mine");
  const raise = (): never => {
    throw mine;
  };
  await expect(run(hook(raise))).rejects.toBe(mine);
  await expect(run({ hook: { wants: raise, onTensor: raise } })).rejects.toBe(mine);
});
