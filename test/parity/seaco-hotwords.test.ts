/**
 * SeACo-Paraformer with hotwords against FunASR's own class: every stage of the bias for lists of 1, 10 and 300 words
 * (fixtures/reference/make_seaco_hotwords.py), from the published folder and from our own GGUF files.
 */
import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { convert } from "../../converters/writers/convert.ts";
import { checkTensors } from "../../src/architectures/build.ts";
import { openModel } from "../../src/containers/open-paths.ts";
import { compare } from "../../src/diff/compare.ts";
import { Hotwords, load } from "../../src/index.ts";
import type { Transcriber } from "../../src/index.ts";
import { tensor } from "../../src/nn/ops.ts";
import { capture } from "../../src/lab.ts";
import type { Activation } from "../../src/lab.ts";
import { describeOnEach } from "../helpers/environment/backends.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { readArchive } from "../helpers/environment/read-archive.ts";
import type { StageArchive } from "../helpers/environment/read-archive.ts";
import { untimed } from "../helpers/environment/untimed.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";
import { memoryCheckpoint } from "../helpers/fakes/memory-checkpoint.ts";
import { valuesOf } from "../helpers/builders/namings.ts";

const folder = fixture("tiny/seaco-paraformer");
const official = join(folder, "paraformer-official-f16.gguf");
const clip = fixture("audio/tiny.wav");
const counts = [1, 10, 300] as const;

/** Our stages, and what the reference calls them. */
const names = {
  bias_encoder: "words",
  "seaco_decoder.filter.scores": "filter.scores",
  "seaco_decoder.embeds.after_norm": "embeds",
  "seaco_decoder.hidden.after_norm": "hidden",
  seaco_decoder: "merged",
  hotword_output_layer: "hotword_output_layer",
  "predictor.upsampled_alphas": "upsampled_alphas",
} as const;

let reference: StageArchive;
let lists: Readonly<Record<string, readonly string[]>>;
let features: { rows: number; cols: number; values: Float32Array };
const expected = (count: number, name: string) => reference.stages.get(`${count}.${name}`)!;
const idsOf = (count: number): number[] => [...expected(count, "ids").values];

beforeAll(async () => {
  reference = await readArchive(fixture("reference/seaco-hotwords.safetensors"));
  lists = JSON.parse(reference.metadata.get("hotwords")!) as typeof lists;
  const plain = await readArchive(fixture("reference/paraformer.safetensors"));
  const { shape, values } = plain.stages.get("cmvn")!;
  features = { rows: shape[0]!, cols: shape[1]!, values };
});

async function stagesOf(
  transcriber: Transcriber,
  hotwords: readonly string[],
): Promise<ReadonlyMap<string, Activation>> {
  const stages = await capture(transcriber, { features }, { hotwords, timestamps: "token" });
  return new Map(stages.map((stage) => [stage.name, stage]));
}

describeOnEach("%s", (backend) => {
  let transcriber: Transcriber;
  beforeAll(async () => void (transcriber = await load(folder, { backend })));
  afterAll(() => transcriber.dispose());

  it.each(counts)("%i hotwords: the ids are FunASR's", async (count) => {
    const stages = await stagesOf(transcriber, lists[count]!);
    const logits = stages.get("hotword_output_layer")!;
    // the bias's decoder doubles the differences of what it reads
    expect(compare("logits", logits, expected(count, "hotword_output_layer")).relativeL2).toBeLessThan(3e-5);
    expect([...stages.get("decoder.ids")!.values]).toEqual(idsOf(count));
    const { tokens } = await transcriber.transcribe({ features }, { hotwords: lists[count]! });
    expect(tokens).toEqual(idsOf(count));
  });

  it.each(counts)("%i hotwords: all stages of the bias are FunASR's, for the same input", async (count) => {
    const { stages } = await transcriber.run(
      { features },
      {
        hotwords: lists[count]!,
        timestamps: "token",
        capture: ["*"],
        patch: [
          { at: "predictor", with: expected(count, "embeds.input") },
          { at: "decoder.after_norm", with: expected(count, "hidden.input") },
        ],
      },
    );
    const compared: string[] = [];
    for (const [ours, theirs] of Object.entries(names)) {
      const wanted = expected(count, theirs);
      if (wanted === undefined) expect(stages.has(ours)).toBe(false);
      else {
        const { relativeL2 } = compare(ours, stages.get(ours)!, wanted);
        expect([ours, relativeL2, relativeL2 <= 1e-5]).toEqual([ours, expect.anything(), true]);
        compared.push(ours);
      }
    }
    // the filter is for more than fifty words
    expect(compared).toHaveLength(count > 50 ? 7 : 6);
    expect([...stages.get("decoder.ids")!.values]).toEqual(idsOf(count));
  });

  it("some rows are the first decoder's, the others those of the bias", () => {
    const { values: plain } = reference.stages.get("10.hotword_output_layer")!;
    const biased = idsOf(10).map((id, row) => {
      const logits = plain.subarray(133 * row, 133 * (row + 1));
      return id === logits.indexOf(Math.max(...logits));
    });
    expect(new Set(biased)).toEqual(new Set([true, false]));
  });

  it("the filter chooses, and the result has the chosen words", async () => {
    const list = lists[300]!;
    const { hotwords, tokens } = await transcriber.transcribe({ features }, { hotwords: list });
    expect(tokens).toEqual(idsOf(300));
    const scores = [...expected(300, "filter.scores").values].map((score, i) => ({ score, word: list[i] }));
    const best = scores.toSorted((a, b) => b.score - a.score).slice(0, 50);
    const chosen = best.flatMap(({ word }) => word ?? []);
    expect(chosen).toHaveLength(49); // and <s>
    // words of equal sums may change places
    expect(hotwords!.map(({ word }) => word).toSorted()).toEqual(chosen.toSorted());
  });

  it("the words are encoded once, with the same result", async () => {
    const options = { hotwords: lists[10]!, timestamps: "token" } as const;
    const [first, second] = [
      await transcriber.transcribe({ features }, options),
      await transcriber.transcribe({ features }, options),
    ];
    expect(untimed(second)).toBe(untimed(first));
    const hook = { wants: () => false, onTensor: () => undefined };
    expect(untimed(await transcriber.transcribe({ features }, { ...options, hook }))).toBe(untimed(first));
  });

  it("an LSTM of both directions and its projection", async () => {
    const both = await readArchive(fixture("reference/seaco-bidirectional.safetensors"));
    await using model = await openModel([folder]);
    const tensors = new Map<string, { shape: readonly number[]; values: Float32Array }>();
    for (const [name, entry] of model.tensors)
      if (!name.startsWith("bias_encoder.")) tensors.set(name, await valuesOf(entry));
    for (const [name, stage] of both.stages) if (name !== "words") tensors.set(name, stage);
    using other = await load(memoryCheckpoint(new Map(model.metadata) as never, tensors as never), {
      backend,
    });
    const stages = await stagesOf(other, lists[10]!);
    expect(compare("lstm_proj", stages.get("lstm_proj")!, both.stages.get("words")!).relativeL2).toBeLessThan(
      1e-5,
    );
  });
});

describe("hotwords", () => {
  it("leave no trace where there are none", async () => {
    using transcriber = await load(folder, { backend: "cpu" });
    const plain = await transcriber.transcribe(clip, { timestamps: "word" });
    expect(plain.hotwords).toBeUndefined();
    const empty = await transcriber.transcribe(clip, { timestamps: "word", hotwords: [] });
    expect(empty.hotwords).toEqual([]);
    expect(untimed(empty).replaceAll(',"hotwords":[]', "")).toBe(untimed(plain));
    const stages = await capture(transcriber, { features });
    expect(stages.some(({ name }) => /^(?:bias_encoder|seaco_decoder|hotword)/u.test(name))).toBe(false);
  });

  it.each([undefined, "BF16", "Q8_0"] as const)("work in our GGUF file, %s", async (type) => {
    const path = join(await temporaryFolder(), "seaco.gguf");
    await convert(folder, path, type === undefined ? {} : { type });
    using transcriber = await load(path, { backend: "wasm" });
    for (const count of counts) {
      const stages = await stagesOf(transcriber, lists[count]!);
      const ours = stages.get("hotword_output_layer")!;
      const { relativeL2 } = compare("logits", ours, expected(count, "hotword_output_layer"));
      expect(relativeL2).toBeLessThan(type === "Q8_0" ? 0.2 : 3e-5);
      if (type !== "Q8_0") expect([...stages.get("decoder.ids")!.values]).toEqual(idsOf(count));
    }
    const { text } = await transcriber.transcribe(clip);
    const biased = await transcriber.transcribe(clip, { hotwords: lists[10]! });
    expect(biased.text).not.toBe(text);
    expect(biased.hotwords!.map(({ word, by }) => [word, by])).toEqual(
      lists[10]!.map((word) => [word, "list"]),
    );
  });

  it("correct the text of the official file, which has no bias, and are not offered", async () => {
    using transcriber = await load(official, { backend: "cpu" });
    const plain = await transcriber.transcribe(clip);
    const named = await transcriber.transcribe(clip, { hotwords: ["终"] });
    expect(plain.text).toBe("么al中3real于");
    expect(named.text).toBe("么al终3real于");
    expect(named.hotwords).toBeUndefined();
    expect(named.corrections).toEqual([{ by: "终", count: 1 }]);
  });

  it("are searched in the text without hotwords where the list is long", async () => {
    using transcriber = await load(folder, { backend: "cpu" });
    const many = Array.from({ length: 1001 }, (_, i) => `得${"的得道法然"[i % 5]}${i}`);
    const options = { hotwords: [...many, "中"] };
    const found = await transcriber.transcribe({ features }, options);
    expect(found.hotwords!.map(({ word, by }) => [word, by])).toEqual([["中", "draft"]]);
    const alone = await transcriber.transcribe({ features }, { hotwords: ["中"] });
    expect(found.tokens).toEqual(alone.tokens);
    const none = await transcriber.transcribe({ features }, { hotwords: many });
    const plain = await transcriber.transcribe({ features });
    expect(none.tokens).toEqual(plain.tokens);
    const whole = await transcriber.transcribe({ features }, { ...options, hotwordSearch: "none" });
    expect(whole.hotwords!.length).toBeGreaterThan(40);
  });

  it("of an object are offered whole, replace no text by their sound, and their rules correct it", async () => {
    using transcriber = await load(folder, { backend: "cpu" });
    const plain = await transcriber.transcribe({ features }, { hotwords: ["室", "么"] });
    expect(plain.text).toContain("事"); // which sounds like 室
    expect(plain.corrections).toBeUndefined();
    const given = new Hotwords(["室", "么"], { corrections: "/(.)$/ => $1!" });
    const ruled = await transcriber.transcribe({ features }, { hotwords: given });
    expect(ruled.text).toBe(`${plain.text}!`);
    expect(ruled.corrections).toEqual([{ by: "/(.)$/ => $1!", count: 1 }]);
    expect(ruled.hotwords!.map(({ word, by }) => [word, by])).toEqual([["么", "list"]]);
    expect(ruled.warnings).toEqual([
      { code: "option_ignored", message: "the model has no tokens for the hotwords 室" },
    ]);
  });

  it("are refused where a hook makes their scores, vectors or logits no numbers", async () => {
    using transcriber = await load(folder, { backend: "cpu" });
    for (const at of ["seaco_decoder.filter.scores", "bias_encoder", "hotword_output_layer"]) {
      const hook = {
        wants: (path: string) => path === at,
        onTensor: (_: string, { size, shape }: { size: number; shape: number[] }) =>
          tensor(new Float32Array(size).fill(NaN, 1, 2), shape),
      };
      const run = transcriber.transcribe({ features }, { hotwords: lists[300]!, hook });
      await expect(run, at).rejects.toMatchObject({ code: "non_finite" });
    }
  });

  it("that are too long are refused", async () => {
    using transcriber = await load(folder, { backend: "cpu" });
    for (const hotwords of [["中".repeat(301)], ["么", "中".repeat(301)]])
      await expect(transcriber.transcribe({ features }, { hotwords })).rejects.toMatchObject({
        code: "bad_option",
        where: "hotwords",
        message: expect.stringContaining("at most 300"),
      });
  });

  it("are announced as stages by files with the bias alone", async () => {
    using transcriber = await load(folder, { backend: "cpu" });
    const listed = new Map(transcriber.stages().map((stage) => [stage.name, stage.shape]));
    expect(listed.get("bias_encoder")).toEqual(["W", 32]);
    expect(listed.get("seaco_decoder.filter.scores")).toEqual(["W"]);
    expect(listed.get("seaco_decoder.filter.decoders.5.src_attn.probabilities")).toEqual([4, "N", "W"]);
    expect(listed.get("seaco_decoder.embeds.decoders.5.src_attn.k")).toEqual(["K", 32]);
    expect(listed.get("hotword_output_layer")).toEqual(["N", 133]);
    // each pass of the second decoder has stages of its own, with the formats of the same weights
    const queries = transcriber.stages().filter(({ name }) => /^seaco.*\.0\.src_attn\.linear_q$/u.test(name));
    expect(queries.map(({ name, format }) => [name.split(".")[1], format])).toEqual([
      ["filter", "BF16"],
      ["embeds", "BF16"],
      ["hidden", "BF16"],
    ]);
    using without = await load(official, { backend: "cpu" });
    const others = without.stages().map(({ name }) => name);
    expect(others).toEqual([...listed.keys()].filter((name) => !/^(?:bias|seaco|hotword)/u.test(name)));
  });
});

it("a seg_dict beside the weights gives English hotwords their tokens, in the folder and in a GGUF file", async () => {
  const place = await temporaryFolder();
  await cp(folder, place, { recursive: true });
  await writeFile(join(place, "seg_dict"), "hello he@@ llo\n中 中\n");
  const path = join(await temporaryFolder(), "seaco.gguf");
  await convert(place, path, {});
  const vectors: Activation[] = [];
  for (const model of [place, path]) {
    using transcriber = await load(model, { backend: "cpu" });
    const stages = await stagesOf(transcriber, ["Hello", "world"]);
    vectors.push(stages.get("bias_encoder")!);
    const { hotwords, warnings } = await transcriber.transcribe(
      { features },
      { hotwords: ["Hello", "world"] },
    );
    expect(hotwords!.map(({ word }) => word)).toEqual(["Hello"]);
    expect(warnings[0]!.message).toBe("the model has no tokens for the hotwords world");
  }
  expect(vectors[0]!.shape).toEqual([2, 32]);
  expect([...vectors[1]!.values]).toEqual([...vectors[0]!.values]);
  for (const layout of ["official", "crispasr"] as const) {
    const other = join(await temporaryFolder(), "other.gguf");
    await convert(path, other, { layout, type: "F16" });
    await using written = await openModel([other]);
    expect(checkTensors(written).some(({ path: name }) => name.startsWith("seaco_decoder."))).toBe(false);
  }
});
