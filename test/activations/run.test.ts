/** The list of stages, and what can be done to them: capture, patch, ablate, scale, stop. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testedBackends } from "../helpers/environment/backends.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { load } from "../../src/index.ts";
import type { BackendName, Transcriber } from "../../src/index.ts";
import type { Run, RunOptions, Activation } from "../../src/lab.ts";
import { liveTensors } from "../../src/nn/backend.ts";

const clip = fixture("audio/tiny.wav");
const models = {
  "fun-asr-nano": fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf"),
  paraformer: fixture("tiny/paraformer/paraformer-bf16.gguf"),
  sensevoice: fixture("tiny/sensevoice/sensevoice-bf16.gguf"),
};
const everything: RunOptions = { capture: ["*"], maxNewTokens: 4 };

/** Expects that the work leaves no tensor behind. */
async function clean<Result>(work: () => Promise<Result>, what = "tensors"): Promise<Result> {
  const before = liveTensors();
  const result = await work();
  expect(liveTensors() - before, `${what} leaked`).toBe(0);
  return result;
}

describe.each(Object.entries(models))("%s", (_, file) => {
  let model: Transcriber;
  let whole: Run;
  beforeAll(async () => {
    model = await load(file, { backend: "cpu" });
    whole = await clean(() => model.run(clip, everything));
  });
  afterAll(() => model.dispose());

  it("lists exactly the stages that a pass shows, in its order, with their shapes", () => {
    const listed = model.stages();
    expect([...whole.stages.keys()]).toEqual(listed.map(({ name }) => name));

    // A letter stands for one number throughout; what follows it is arithmetic.
    const lengths = new Map<string, number>();
    for (const { name, shape } of listed) {
      const found = whole.stages.get(name)!.shape;
      expect(found, name).toHaveLength(shape.length);
      for (const [i, wanted] of shape.entries()) {
        if (typeof wanted === "number") expect(found[i], `${name}[${i}]`).toBe(wanted);
        else if (lengths.has(wanted)) expect(found[i], `${name}[${i}]`).toBe(lengths.get(wanted));
        else lengths.set(wanted, found[i]!);
      }
    }
    const frames = lengths.get("T")!;
    if (lengths.has("T+1")) expect(lengths.get("T+1")).toBe(frames + 1);
    if (lengths.has("T+4")) expect(lengths.get("T+4")).toBe(frames + 4);
  });

  it("changes nothing by capturing", async () => {
    const plain = await model.transcribe(clip, { maxNewTokens: 4 });
    expect(whole.transcription).toMatchObject({ text: plain.text, tokens: plain.tokens });
  });

  it("changes no byte when each stage is patched with its own values, by halves", async () => {
    const patch = [...whole.stages.values()].flatMap((stage) => halves(stage));
    const patched = await clean(() => model.run(clip, { ...everything, patch }));
    expect(patched.stages).toEqual(whole.stages);
  });

  it("stops after any stage, and leaves nothing behind", async () => {
    // Every one of the small models'; every fourth of the larger one's, and its last dozen.
    const names = [...whole.stages.keys()];
    const some = names.filter((_, i) => names.length < 150 || i % 4 === 1 || i > names.length - 12);
    for (const name of some) {
      const options = { ...everything, capture: [name], stopAfter: name };
      const { stages, transcription } = await clean(() => model.run(clip, options), name);
      expect({ name, transcription, stages: [...stages.values()] }).toEqual({
        name,
        transcription: undefined,
        stages: [whole.stages.get(name)],
      });
    }
  });
});

/** A stage as two patches that together put back what was there. */
function halves({ name, shape, values }: Activation): NonNullable<RunOptions["patch"]> {
  const [rows, width] = shape.length > 1 ? [shape[0]!, shape.at(-1)!] : [shape[0]!, 1];
  if (shape.length === 3 || rows < 2) return [{ at: name, with: values }];
  const half = Math.ceil(rows / 2);
  return [
    { at: name, frames: [0, half], with: values.slice(0, half * width) },
    { at: name, frames: [half, rows], with: { shape, values } },
  ];
}

describe.each(testedBackends)("on %s", (backend: BackendName) => {
  let model: Transcriber;
  let whole: Run;
  beforeAll(async () => {
    model = await load(models["fun-asr-nano"], { backend });
    whole = await model.run(clip, everything);
  });
  afterAll(() => model.dispose());

  const run = (options: RunOptions): Promise<Run> =>
    clean(() => model.run(clip, { ...options, maxNewTokens: 4 }));
  const layer = "audio_encoder.encoders.0";

  it("computes attention from the scores when these are changed, and gets what the kernel gets", async () => {
    for (const block of [`${layer}.self_attn`, "llm.model.layers.1.self_attn"]) {
      const { scores, probabilities } = {
        scores: whole.stages.get(`${block}.scores`)!,
        probabilities: whole.stages.get(`${block}.probabilities`)!,
      };
      for (const stage of [scores, probabilities]) {
        // The same numbers, but as a patch: the decomposed path computes the context.
        const patch = [{ at: stage.name, with: stage.values }];
        const { stages } = await run({ capture: [`${block}.context`], patch });
        closeTo(stages.get(`${block}.context`)!, whole.stages.get(`${block}.context`)!, 1e-5);
      }
    }
  });

  it("has probabilities that sum to one, and none for the future", () => {
    const { shape, values } = whole.stages.get("llm.model.layers.0.self_attn.probabilities")!;
    const [heads, queries, positions] = shape as [number, number, number];
    for (let row = 0; row < heads * queries; row++) {
      const weights = values.subarray(row * positions, (row + 1) * positions);
      expect(Math.abs(weights.reduce((a, b) => a + b, 0) - 1)).toBeLessThan(1e-5);
      expect(weights.subarray((row % queries) + 1).every((weight) => weight === 0)).toBe(true);
    }
  });

  it("ablates one head: its columns of the context are zero, the others as before", async () => {
    const at = `${layer}.self_attn`;
    const { stages } = await run({ capture: [`${at}.context`], ablate: [{ at, heads: [2] }] });
    const before = whole.stages.get(`${at}.context`)!;
    const width = before.shape[1]! / 4;
    const expected = before.values.map((value, i) =>
      Math.floor((i % before.shape[1]!) / width) === 2 ? 0 : value,
    );
    expect(stages.get(`${at}.context`)!.values).toEqual(expected);
  });

  it("ablates the FSMN branch: what is left of the attention block is its other branch", async () => {
    const at = `${layer}.self_attn`;
    const { stages } = await run({
      capture: [at, `${at}.linear_out`],
      ablate: [{ at: `${at}.fsmn_block` }],
    });
    expect(stages.get(at)!.values).toEqual(stages.get(`${at}.linear_out`)!.values);
  });

  it("skips a layer: it returns what it got", async () => {
    for (const [at, before] of [
      [layer, "audio_encoder.encoders0.0"],
      ["llm.model.layers.1", "llm.model.layers.0"],
    ] as const) {
      const { stages } = await run({ capture: [at, before], ablate: [{ at, to: "skip" }] });
      expect(stages.get(at)!.values).toEqual(stages.get(before)!.values);
    }
  });

  it("ablates frames to their mean", async () => {
    const { stages } = await run({
      capture: [layer],
      ablate: [{ at: layer, frames: [2, 6], to: "mean" }],
    });
    const before = whole.stages.get(layer)!;
    const width = before.shape[1]!;
    const column = (row: number): number => before.values[row * width + 5]!;
    const mean = (column(2) + column(3) + column(4) + column(5)) / 4;
    const after = stages.get(layer)!.values;
    for (let row = 0; row < before.shape[0]!; row++) {
      const expected = row >= 2 && row < 6 ? mean : column(row);
      expect(Math.abs(after[row * width + 5]! - expected)).toBeLessThan(1e-5);
    }
  });

  it("scales, in each generation step as well", async () => {
    const at = "llm.lm_head";
    const { stages } = await run({
      capture: [at],
      steps: true,
      scale: [{ at, by: 2 }],
      hook: { wants: () => false, onTensor: () => {} },
    });
    const { stages: before } = await run({ capture: [at], steps: true });
    expect([...stages.keys()]).toEqual([at, `${at}@1`, `${at}@2`, `${at}@3`]);
    for (const [name, { values }] of stages) {
      expect(values).toEqual(before.get(name)!.values.map((value) => Math.fround(value * 2)));
    }
  });

  it("continues run B exactly as run A when B gets A's stage", async () => {
    const at = "audio_encoder.encoders.1";
    const other = new Float32Array(12_160).map((_, i) => Math.sin(i / 7) * 0.3);
    const b = await clean(() =>
      model.run(other, { ...everything, patch: [{ at, with: whole.stages.get(at)! }] }),
    );
    const names = [...whole.stages.keys()];
    for (const name of names.slice(names.indexOf(at))) {
      expect(b.stages.get(name), name).toEqual(whole.stages.get(name));
    }
    expect(b.stages.get("audio_encoder.encoders.0")).not.toEqual(
      whole.stages.get("audio_encoder.encoders.0"),
    );
  });

  it("passes stages to the sink one after the other, and keeps none", async () => {
    const names: string[] = [];
    const memory = new Set<ArrayBufferLike>();
    const { stages } = await run({
      capture: ["*"],
      sink: async ({ name, values }) => {
        await new Promise((later) => setImmediate(later));
        expect(values, name).toEqual(whole.stages.get(name)!.values);
        names.push(name);
        memory.add(values.buffer);
      },
    });
    expect(stages.size).toBe(0);
    expect(names).toEqual([...whole.stages.keys()].filter((name) => !name.includes("@")));
    expect(memory.size).toBeLessThan(names.length / 2); // used again from layer to layer
  });

  it.each<[string, RunOptions]>([
    ["a pattern that nothing matches", { capture: ["encoder.7.*"] }],
    ["a patch at no stage", { patch: [{ at: "nowhere", with: new Float32Array(1) }] }],
    ["a patch of the wrong size", { patch: [{ at: layer, with: new Float32Array(3) }] }],
    ["a head too many", { ablate: [{ at: `${layer}.self_attn`, heads: [4] }] }],
    ["heads of what has none", { ablate: [{ at: `${layer}.norm1`, heads: [0] }] }],
    ["frames beyond the end", { ablate: [{ at: layer, frames: [0, 1000] }] }],
    ["skipping what is no layer", { ablate: [{ at: `${layer}.norm1`, to: "skip" }] }],
    ["a stage that the pass never comes to", { stopAfter: "llm.lm_head", decoder: "ctc" }],
    ["a change that the pass never comes to", { scale: [{ at: "llm.lm_head", by: 2 }], decoder: "ctc" }],
  ])("refuses %s", async (_, options) => {
    await clean(() => expect(model.run(clip, options)).rejects.toMatchObject({ code: "bad_option" }));
  });
});

function closeTo(ours: Activation, theirs: Activation, tolerance: number): void {
  expect(ours.shape).toEqual(theirs.shape);
  const worst = ours.values.reduce((most, x, i) => Math.max(most, Math.abs(x - theirs.values[i]!)), 0);
  expect(worst).toBeLessThan(tolerance);
}
