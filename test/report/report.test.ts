/** The page shows what the stages and the comparison contain, and has no section for what is missing. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { StageReader } from "../../src/diff/archives/index.ts";
import { readArchive } from "../../src/diff/archive.ts";
import { compare } from "../../src/diff/compare.ts";
import type { StageValues } from "../../src/diff/compare.ts";
import type { Difference, ReportData } from "../../src/report/data.ts";
import { renderReport } from "../../src/report/report.ts";
import { meanOfHeads, rollout } from "../../src/report/sections/audio-rows.ts";
import { firesOf } from "../../src/report/sections/cif.ts";
import { landmarks, timeAxis } from "../../src/report/stages.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { uniform } from "../helpers/environment/random.ts";
import { cli } from "../helpers/environment/screen.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

/** Random values, those of a softmax for `probabilities`. */
function stage(seed: number, ...shape: number[]): StageValues {
  const next = uniform(seed);
  const length = shape.reduce((product, size) => product * size, 1);
  const values = Float32Array.from({ length }, () => next() * 2 - 1);
  return { shape, values };
}

function softmax({ shape, values }: StageValues): StageValues {
  const cols = shape.at(-1)!;
  const weights = values.map((x) => Math.exp(4 * x));
  for (let start = 0; start < weights.length; start += cols) {
    const row = weights.subarray(start, start + cols);
    const sum = row.reduce((sum, x) => sum + x, 0);
    row.set(row.map((weight) => weight / sum));
  }
  return { shape, values: weights };
}

/** An archive in memory. */
function archiveOf(stages: readonly (readonly [string, StageValues])[]): StageReader {
  const byName = new Map(stages);
  return {
    source: "memory",
    format: "npz",
    metadata: new Map(),
    stages: new Map(stages.map(([name, { shape }]) => [name, shape])),
    read: async (name) => byName.get(name)!,
    [Symbol.asyncDispose]: async () => {},
  };
}

const frames = 20;
const head = softmax(stage(3, 2, frames, frames));
const logits = stage(4, frames, 6);
/** Frames 5 to 9 have label 2, 12 to 14 label 4, all others the blank 0. */
const spoken = (frame: number): number => (frame >= 5 && frame < 10 ? 2 : frame >= 12 && frame < 15 ? 4 : 0);
const logProbs = {
  shape: logits.shape,
  values: logits.values.map((_, i) => Math.log(i % 6 === spoken(Math.floor(i / 6)) ? 0.95 : 0.01)),
};
const stages: [string, StageValues][] = [
  ["fbank", stage(1, 118, 80)],
  ["lfr", stage(2, frames, 560)],
  ["audio_encoder.encoders.0.self_attn.probabilities", head],
  ["audio_encoder.after_norm", stage(5, frames, 32)],
  ["ctc.log_probs", logProbs],
  ["audio_adaptor.blocks.0.self_attn.probabilities", head],
  ["audio_adaptor", stage(6, frames, 48)],
];

function differenceOf(reference: readonly (readonly [string, StageValues])[]): Difference {
  const theirs = new Map(reference);
  const tolerance = { relativeL2: 1e-3, cosine: 0.999 };
  const judged = stages.map(([name, ours]) => {
    const comparison = compare(name, ours, theirs.get(name)!);
    const problem = comparison.relativeL2 > tolerance.relativeL2 ? "it is too far off" : undefined;
    return { name, comparison, problem };
  });
  const firstDivergent = judged.find(({ problem }) => problem !== undefined)?.name;
  return { reference: "reference.npz", raw: { tolerance, stages: judged, firstDivergent } };
}

/** The first is not the worst. */
const factors: Readonly<Record<string, number>> = { "audio_encoder.after_norm": 1.25, audio_adaptor: 3 };
const damaged = stages.map(([name, { shape, values }]): [string, StageValues] => [
  name,
  { shape, values: values.map((x) => x * (factors[name] ?? 1)) },
]);

const recognized = {
  text: "天地<b>",
  ctcText: "天气",
  words: [
    { text: "天", start: 0.3, end: 0.6 },
    { text: "地", start: 0.72, end: 0.9 },
  ],
  counts: { prefixTokens: 3, audioTokens: 3 },
};
const labelText = (id: number): string => ["", "甲", "天", "乙", "气"][id] ?? "丁";

async function pageOf(changes: Partial<ReportData> = {}): Promise<string> {
  const ours = archiveOf(stages);
  return await renderReport({
    title: "A <run>",
    facts: [["model", "m & n"]],
    ours,
    recognized,
    labelText,
    ...changes,
  });
}

const withoutGaps = (page: string): string => page.replaceAll(/(?<=>)\s+(?=<)/gu, "");
const sectionsOf = (page: string): string[] => [...page.matchAll(/<h2 id="([^"]+)"/gu)].map(([, id]) => id!);

describe("a page of synthetic stages", () => {
  let page: string;
  beforeAll(async () => {
    const reference = archiveOf(damaged);
    page = withoutGaps(await pageOf({ reference, difference: differenceOf(damaged) }));
  });

  test("has its sections, and links to each", () => {
    expect(sectionsOf(page)).toEqual(["chain", "worst", "ctc", "audio-rows", "attention", "landmarks"]);
    for (const id of sectionsOf(page)) expect(page).toContain(`<a href="#${id}">`);
  });

  test("makes no requests and has no scripts", () => {
    expect(page).not.toMatch(/https?:|<script|@import|url\(|javascript:/u);
    const addresses = [...page.matchAll(/(?:href|src)="([^"]*)"/gu)].map(([, address]) => address!);
    expect(addresses.length).toBeGreaterThan(10);
    for (const address of addresses) expect(address).toMatch(/^(?:#|data:image\/png;base64,|data:,$)/u);
  });

  test("describes every picture in words", () => {
    const pictures = [...page.matchAll(/<svg [^>]*>/gu)].map(([tag]) => tag);
    for (const tag of pictures) expect(tag).toMatch(/role="img" aria-label="[^"]+"|aria-hidden="true"/u);
  });

  test("names the first divergent stage and gives its numbers", () => {
    expect(page).toContain("stages over tolerance: 2 of 7; the first is <b>audio_encoder.after_norm</b>");
    expect(page).toContain("▼ first: audio_encoder.after_norm");
    expect(page).toContain("The first divergent stage: audio_encoder.after_norm");
    // ‖x − 1.25 x‖ / ‖1.25 x‖
    const row = /<tr class="bad"><th scope="row">audio_encoder\.after_norm<\/th>.*?<\/tr>/su.exec(page)?.[0];
    expect(row).toContain("<td>20 × 32</td><td>0.2</td>");
    expect(page.match(/<tr class="bad">/gu)).toHaveLength(2);
  });

  test("draws the greedy path and marks differing pieces", () => {
    expect(page).toContain("the greedy path reads 天 气");
    expect(page).toContain("2 pieces differ");
    expect(page).toMatch(/class="piece differs"><title>气: 0\.72 to 0\.90 s, differs/u);
    expect(page).toMatch(/class="piece"><title>天: 0\.30 to 0\.60 s</u);
  });

  test("gives the share of later audio in the rows", () => {
    // rows 0 to 2 of half the identity and half the mean of the heads: what lies in columns 3 to 19
    let beyond = 0;
    for (let row = 0; row < 3; row++) {
      for (let col = 3; col < frames; col++) {
        const at = row * frames + col;
        beyond += (head.values[at]! + head.values[frames * frames + at]!) / 4;
      }
    }
    expect(page).toContain(
      `<b>${((100 * beyond) / 3).toFixed(1)} %</b> of their content comes from audio after the 0.18 s`,
    );
  });

  test("escapes text from outside", () => {
    expect(page).toContain("<title>A &lt;run&gt;</title>");
    expect(page).toContain("天地&lt;b&gt;");
    expect(page).toContain("<dd>m &amp; n</dd>");
  });
});

test("sections without a reference or their stages are left out", async () => {
  const ours = archiveOf([["lfr", stage(2, 1, 560)]]);
  const page = await renderReport({ title: "little", facts: [], ours });
  expect(sectionsOf(page)).toEqual([]);
  expect(await pageOf()).not.toContain("first:");
});

test("a page of a large run stays small", async () => {
  const long = 300;
  const probabilities = Array.from({ length: 8 }, (_, i): [string, StageValues] => [
    `encoder.encoders.${i}.self_attn.probabilities`,
    softmax(stage(i, 2, long, long)),
  ]);
  const ours = archiveOf([
    ["lfr", stage(1, long, 560)],
    ...probabilities,
    ["encoder.after_norm", stage(9, long, 512)],
  ]);
  const page = await renderReport({ title: "large", facts: [], ours });
  expect(page.length).toBeLessThan(1_500_000);
  // the first, a middle one and the last
  const layers = [...page.matchAll(/<h3>encoder\.encoders\.(\d)\.self_attn/gu)].map(([, layer]) => layer);
  expect(layers).toEqual(["0", "4", "7"]);
});

test("rollout: rows sum to one, and attention to the own position changes nothing", () => {
  const mean = meanOfHeads(head);
  const { rows, cols, values } = rollout([mean, mean]);
  for (let row = 0; row < rows; row++) {
    const sum = values.subarray(row * cols, (row + 1) * cols).reduce((total, x) => total + x, 0);
    expect(sum).toBeCloseTo(1, 5);
  }
  const self = { rows: 3, cols: 3, values: Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1) };
  expect(rollout([self, self])).toEqual(self);
  // the second block looks from 0 at 1, which the first has filled from 2: a quarter of row 0 is frame 2
  const first = { rows: 3, cols: 3, values: Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0, 1) };
  const second = { rows: 3, cols: 3, values: Float32Array.of(0, 1, 0, 0, 1, 0, 0, 0, 1) };
  expect([...rollout([first, second]).values.subarray(0, 3)]).toEqual([0.5, 0.25, 0.25]);
});

test("fires are at the original's frames", async () => {
  const { stages } = await readArchive(fixture("reference/paraformer.safetensors"));
  const peaks = stages.get("predictor.peaks")!.values;
  const fires = firesOf(stages.get("predictor.alphas")!.values);
  expect(fires).toEqual([...peaks.keys()].filter((frame) => peaks[frame]! >= 1));
  expect(fires).toHaveLength(stages.get("decoder.ids")!.values.length);
});

test("axes are in seconds where rows are frames", async () => {
  const ours = archiveOf(stages);
  expect(timeAxis(ours, 20)).toEqual({ label: "seconds", low: 0, high: 1.2 });
  expect(timeAxis(ours, 118)).toEqual({ label: "seconds", low: 0, high: 1.18 });
  expect(timeAxis(ours, 24)).toMatchObject({ label: "seconds", low: -0.24 });
  expect(timeAxis(ours, 20, "llm.model.layers.0")).toMatchObject({ label: "position", high: 20 });
  expect(timeAxis(ours, 7)).toMatchObject({ label: "position" });
  expect(landmarks(ours)).toEqual(["fbank", "lfr", "audio_encoder.after_norm", "audio_adaptor"]);
});

describe("fun-asr report", () => {
  const clip = fixture("audio/tiny.wav");

  test("draws Fun-ASR-Nano beside PyTorch", async () => {
    const path = join(await temporaryFolder(), "report.html");
    const model = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");
    const reference = fixture("reference/fun-asr-nano.safetensors");
    const run = await cli("report", "-m", model, "-f", clip, "--against", reference, "-o", path, "-n", "20");
    expect(run).toMatchObject({ exitCode: 0, results: [] });
    const page = await readFile(path, "utf8");
    expect(sectionsOf(page)).toEqual(["chain", "worst", "ctc", "audio-rows", "attention", "landmarks"]);
    expect(page).toContain("all 95 stages are within tolerance");
    expect(page).toContain("the first 2 of the adaptor's 13 rows");
    expect((await stat(path)).size).toBeLessThan(1_000_000);
  });

  test("draws Paraformer's fires with their characters, and names the stage where a wrong input shows first", async () => {
    const path = join(await temporaryFolder(), "report.html");
    const model = fixture("tiny/paraformer/paraformer-bf16.gguf");
    const reference = fixture("reference/paraformer.safetensors");
    const run = await cli(
      "report",
      "-m",
      model,
      "-f",
      clip,
      "--against",
      reference,
      "--cmvn",
      "off",
      "-o",
      path,
    );
    expect(run.exitCode).toBe(0);
    const page = await readFile(path, "utf8");
    expect(page).toContain("The first divergent stage: encoder.embed");
    expect(sectionsOf(page)).toContain("cif");
  });

  test("is what diff --html draws", async () => {
    const path = join(await temporaryFolder(), "report.html");
    const model = fixture("tiny/sensevoice/sensevoice-bf16.gguf");
    const reference = fixture("reference/sensevoice.safetensors");
    const page = ["--html", path, "-l", "auto", "--no-itn"];
    const run = await cli("diff", reference, clip, "-m", model, ...page);
    expect(run.notes.join()).toContain(path);
    expect(sectionsOf(await readFile(path, "utf8"))).toEqual([
      "chain",
      "worst",
      "ctc",
      "attention",
      "landmarks",
    ]);
    const two = await cli("diff", reference, clip, "-m", model, ...page, "--type", "q8_0", "f16");
    expect(two.exitCode).toBe(2);
  });

  test("writes no page without a model or a folder", async () => {
    expect(await cli("report", "-m", "none.gguf", "-f", clip, "-o", "x.html")).toMatchObject({ exitCode: 2 });
    const path = join(await temporaryFolder(), "missing", "x.html");
    const model = fixture("tiny/sensevoice/sensevoice-bf16.gguf");
    const run = await cli("report", "-m", model, "-f", clip, "-o", path);
    expect(run).toMatchObject({ exitCode: 1 });
    expect(run.notes.join()).toContain("file_unwritable");
  });
});
