/**
 * Fun-ASR-Nano against the PyTorch original, stage by stage: the same tiny weights, the same clip, every named module.
 * The dumps come from fixtures/reference/make_fun_asr_nano.py.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeOn, testedBackends } from "../helpers/environment/backends.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { untimed } from "../helpers/environment/untimed.ts";
import { readArchive } from "../helpers/environment/read-archive.ts";
import type { StageArchive } from "../helpers/environment/read-archive.ts";
import { compare } from "../../src/diff/compare.ts";
import { load } from "../../src/index.ts";
import type { Transcriber, Transcription } from "../../src/index.ts";
import { capture } from "../../src/lab.ts";
import type { Activation, Hook } from "../../src/lab.ts";
import { values } from "../../src/nn/ops.ts";
import { promptIds } from "../../src/text/prompt.ts";
import type { PromptOptions } from "../../src/text/prompt.ts";
import { QwenTokenizer } from "../../src/text/qwen-tokenizer.ts";
import { openCheckpoint } from "../../src/architectures/open.ts";

const clip = fixture("audio/tiny.wav");
/** What the dump holds in addition to stages: integers, and the steps' logits (looked at below). */
const notStages = new Set(["prompt.ids", "ctc.ids", "llm.generated", "llm.step_logits"]);

/**
 * Float weights are compared to float32 arithmetic's own noise, on every backend. Q8_0 weights are the same numbers on
 * both sides too; but the fast backends multiply them with activations in 8 bits, and the bound allows for that.
 */
const float32 = { relativeL2: 1e-4, cosine: 0.99999 };
const eightBit = { relativeL2: 0.05, cosine: 0.999 };
const variants = testedBackends.flatMap((backend) => [
  { backend, model: "fun-asr-nano-bf16.gguf", dump: "fun-asr-nano.safetensors", ...float32 },
  {
    backend,
    model: "fun-asr-nano-q8_0.gguf",
    dump: "fun-asr-nano-q8_0.safetensors",
    ...(backend === "wasm" ? eightBit : float32),
  },
]);

for (const { backend, model, dump, relativeL2, cosine } of variants) {
  describeOn(backend, `${model} on ${backend}`, () => {
    let transcriber: Transcriber;
    let reference: StageArchive;
    let stages: ReadonlyMap<string, Activation>;

    beforeAll(async () => {
      transcriber = await load(fixture(`tiny/fun-asr-nano/${model}`), { backend });
      reference = await readArchive(fixture(`reference/${dump}`));
      const captured = await capture(transcriber, clip, { timestamps: "token", maxNewTokens: 1 });
      stages = new Map(captured.map((stage) => [stage.name, stage]));
    });
    afterAll(() => transcriber.dispose());

    it("gives every stage of the original", () => {
      const missing = [...reference.stages.keys()].filter(
        (name) => !notStages.has(name) && !stages.has(name),
      );
      expect(missing).toEqual([]);
    });

    it("agrees with the original on every stage", () => {
      for (const [name, expected] of reference.stages) {
        if (notStages.has(name)) continue;
        const comparison = compare(name, stages.get(name)!, expected);
        expect(comparison.nonFinite, name).toBe(0);
        if (name === "fbank" || name === "lfr") {
          expect(comparison.maxAbs, name).toBeLessThanOrEqual(1e-3);
        } else {
          expect(comparison.relativeL2, name).toBeLessThanOrEqual(relativeL2);
          expect(comparison.worstRowCosine, name).toBeGreaterThanOrEqual(cosine);
        }
      }
    });

    it("writes the original's 20 greedy tokens from the original's logits", async () => {
      const steps: Promise<Float32Array>[] = [];
      const hook: Hook = {
        wants: (path) => path === "llm.lm_head",
        onTensor: (_, logits) => void steps.push(values(logits)),
      };
      const { tokens } = await transcriber.transcribe(clip, { maxNewTokens: 20, hook });
      expect(tokens).toEqual([...reference.stages.get("llm.generated")!.values]);

      const logits = await Promise.all(steps);
      const expected = reference.stages.get("llm.step_logits")!;
      const [count, width] = expected.shape as [number, number];
      expect(logits).toHaveLength(count);
      const ours = { shape: [count, width], values: Float32Array.from(logits.flatMap((row) => [...row])) };
      expect(compare("llm.step_logits", ours, expected).relativeL2).toBeLessThanOrEqual(relativeL2);
    });

    it("reads the same best CTC labels", () => {
      const { values: logits, shape } = stages.get("ctc.ctc_lo")!;
      const width = shape[1]!;
      const best = [...reference.stages.get("ctc.ids")!.values].map((_, t) => {
        const row = logits.subarray(t * width, (t + 1) * width);
        return row.indexOf(row.reduce((a, b) => Math.max(a, b)));
      });
      expect(best).toEqual([...reference.stages.get("ctc.ids")!.values]);
    });
  });
}

describe("FunASR's inference", () => {
  let transcriber: Transcriber;
  let metadata: ReadonlyMap<string, string>;
  let plain: Transcription;

  beforeAll(async () => {
    transcriber = await load(fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf"), { backend: "cpu" });
    ({ metadata } = await readArchive(fixture("reference/fun-asr-nano.safetensors")));
    plain = await transcriber.transcribe(clip, { timestamps: "token", maxNewTokens: 20 });
  });
  afterAll(() => transcriber.dispose());

  it("returns the same text and CTC text", () => {
    const result = JSON.parse(metadata.get("result")!) as { text: string; ctc_text: string };
    expect(plain.text).toBe(result.text);
    expect(plain.ctcText).toBe(result.ctc_text);
  });

  it("counts tokens as the prompt has them", () => {
    const { counts } = plain;
    expect(counts.prefixTokens + counts.audioTokens + counts.suffixTokens).toBe(25);
    expect(counts).toMatchObject({ audioTokens: 2, suffixTokens: 5, generatedTokens: 20 });
  });

  it("splices all rows on request, as MLT does", async () => {
    const all = await transcriber.transcribe(clip, { lowFrameRate: false, maxNewTokens: 20 });
    expect(all.tokens).toEqual(JSON.parse(metadata.get("generated_from_all_rows")!));
    expect(all.counts.audioTokens).toBe(13);
  });

  it("tokenizes the prompt of every option as transformers does", async () => {
    await using checkpoint = await openCheckpoint(fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf"));
    const list = (key: string): string[] => checkpoint.metadata.get(`tokenizer.ggml.${key}`) as string[];
    const tokenizer = new QwenTokenizer({ tokens: list("tokens"), merges: list("merges") });
    const prompts = JSON.parse(metadata.get("prompts")!) as { options: PromptOptions; ids: number[] }[];
    expect(prompts.length).toBeGreaterThan(3);
    for (const { options, ids } of prompts) {
      const { prefix, suffix } = promptIds(tokenizer, options);
      expect([...prefix, 0, 0, ...suffix]).toEqual(ids);
    }
  });

  it("gives the same bytes twice", async () => {
    const again = await transcriber.transcribe(clip, { timestamps: "token", maxNewTokens: 20 });
    expect(untimed(again)).toBe(untimed(plain));
  });
});
