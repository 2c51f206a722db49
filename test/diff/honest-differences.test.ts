/**
 * Sound computations of the same pass cause no alarm, whatever differs between them; where weights are the same, an error of
 * 0.1 % in one stage does. `npm run diff:honest` prints the distances of all pairs.
 */
import { expect, it } from "vitest";
import { pairs, open, referenceOf } from "../../tools/diff/pairs.ts";
import { openCheckpoint } from "../../src/architectures/open.ts";
import { diff } from "../../src/diff/diff.ts";
import type { DiffReport } from "../../src/diff/diff.ts";
import { fingerprint } from "../../src/diff/origin.ts";
import { load } from "../../src/index.ts";
import { edited } from "../helpers/builders/edited-checkpoint.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";
import { flagged } from "../helpers/environment/tiny-diff.ts";

const tiny = pairs.filter(({ model, what }) => model.includes("tiny") && !/q5|q4/u.test(what));

const named = ({ raw, teacherForced }: DiffReport): object => ({
  raw: flagged(raw),
  forced: flagged(teacherForced),
});

it.each(tiny)("$what: $model on $ours.backend", async (pair) => {
  const folder = await temporaryFolder();
  await using reference = await referenceOf(pair, folder);
  using model = await open(pair, pair.ours, folder);
  const { theirs, itn, equalWeights } = pair;
  const isSame = typeof theirs !== "string" && theirs.type === pair.ours.type;
  const report = await diff(model, reference, pair.audio, {
    ...(itn === undefined ? {} : { itn }),
    equalWeights,
    weights: isSame ? pair.model : undefined,
  });
  expect(named(report)).toEqual({ raw: [], forced: [] });
  expect(report.teacherForced!.stages.length).toBeGreaterThan(15);
});

it.each([
  "audio_encoder.encoders.0.feed_forward.w_1",
  "ctc_decoder.blocks.0.self_attn.linear_v",
  "llm.model.layers.1.self_attn.o_proj",
  "audio_encoder.tp_norm",
])("a thousandth in %s shows with Q8_0 weights on wasm, too", async (stage) => {
  const pair = pairs.find(
    ({ what, model }) => what === "wasm, cpu with its rounding" && model.includes("q8_0"),
  )!;
  const folder = await temporaryFolder();
  await using reference = await referenceOf(pair, folder);
  using sound = await open(pair, pair.ours, folder);
  const run: typeof sound.run = (audio, options) =>
    sound.run(audio, { ...options, scale: [{ at: stage, by: 1.001 }] });
  const faulty = { info: sound.info, stages: () => sound.stages(), run } as unknown as typeof sound;
  const report = await diff(faulty, reference, pair.audio, { weights: pair.model });
  expect(flagged(report.teacherForced)).toEqual([stage]);
  expect(report.teacherForced!.stages.find(({ name }) => name === stage)!.guess).toBe(
    "equals the reference times 1.001",
  );
});

it("a fingerprint is of names, formats, shapes and first values", async () => {
  const [path, other] = [
    fixture("tiny/paraformer/paraformer-bf16.gguf"),
    fixture("tiny/sensevoice/sensevoice-bf16.gguf"),
  ];
  await using a = await openCheckpoint(path);
  await using b = await openCheckpoint(path);
  await using c = await openCheckpoint(other);
  const changed = edited(b, "encoder.after_norm.bias", (bias) => bias.map((x) => x + 1));
  expect(await fingerprint(a)).toBe(await fingerprint(b));
  expect(new Set(await Promise.all([a, c, changed].map((checkpoint) => fingerprint(checkpoint)))).size).toBe(
    3,
  );
  using model = await load(a, { backend: "cpu" });
  const formats = new Map(model.stages().map(({ name, format }) => [name, format]));
  expect(formats.get("encoder.encoders.0.feed_forward.w_1")).toBe("BF16");
  expect(formats.get("encoder.encoders.0.residual")).toBeUndefined();
});
