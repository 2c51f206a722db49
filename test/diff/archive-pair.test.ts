/** Two archives with each other: bounds by what they state about their origin, unmatched stages, shapes. */
import { join } from "node:path";
import { expect, it } from "vitest";
import { createArchive, openArchive } from "../../src/diff/archives/index.ts";
import { diffArchives } from "../../src/diff/archive-pair.ts";
import type { ArchiveDiffReport } from "../../src/diff/archive-pair.ts";
import { cli } from "../helpers/environment/screen.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

const values = Float32Array.from({ length: 60 }, (_, i) => Math.sin(i * i));

/** An archive with one stage. */
async function single(stage: Float32Array): Promise<string> {
  const path = join(await temporaryFolder(), "stage.npz");
  await using writer = await createArchive(path);
  await writer.add("audio_adaptor", [6, 10], stage);
  await writer.finish(new Map());
  return path;
}

/** An archive of two stages, the second times `by`. */
async function archive(by: number, origin: Readonly<Record<string, string>> = {}, rows = 6): Promise<string> {
  const path = join(await temporaryFolder(), "stages.npz");
  await using writer = await createArchive(path);
  await writer.add("lfr", [6, 10], values);
  await writer.add(
    "audio_adaptor",
    [rows, 10],
    values.subarray(0, 10 * rows).map((x) => by * x),
  );
  await writer.finish(new Map(Object.entries(origin)));
  return path;
}

async function compared(a: string, b: string, equalWeights?: boolean): Promise<ArchiveDiffReport> {
  await using ours = await openArchive(a);
  await using theirs = await openArchive(b);
  return await diffArchives(ours, theirs, { equalWeights });
}

const q8 = { backend: "wasm", weight_format: "Q8_0", weights: "a" };

it("names a stage that is 0.1 % too large, where nothing differs but the computation", async () => {
  for (const origin of [{}, q8]) {
    const { raw } = await compared(await archive(1.001, origin), await archive(1, origin));
    expect(raw.firstDivergent).toBe("audio_adaptor");
    expect(raw.stages[1]!.guess).toBe("equals the reference times 1.001");
  }
});

it("names a stage of which one small row points elsewhere", async () => {
  const small = values.map((x, i) => (i < 50 ? x : x * 1e-4));
  const turned = small.map((x, i) => (i < 50 ? x : -x));
  const { raw } = await compared(await single(turned), await single(small));
  expect(raw.stages[0]!.comparison!.relativeL2).toBeLessThan(raw.tolerance.relativeL2);
  expect(raw.firstDivergent).toBe("audio_adaptor");
});

it.each([
  ["other weights", { ...q8, weights: "b" }, 0.15],
  ["another backend", { ...q8, backend: "cpu" }, 0.1],
  ["float weights, of which nothing is known but the format", { weight_format: "F32" }, 0.15],
  ["BF16 weights of another file", { ...q8, weight_format: "BF16", weights: "b" }, 0.15],
])("allows what %s explains", async (_, origin, bound) => {
  const { raw } = await compared(await archive(1.001, q8), await archive(1, origin));
  expect(raw.firstDivergent).toBeUndefined();
  expect(raw.tolerance.relativeL2).toBe(bound);
  const equal = await compared(
    await archive(1.001, q8),
    await archive(1, { ...origin, backend: "wasm" }),
    true,
  );
  expect(equal.raw.firstDivergent).toBe("audio_adaptor");
});

it("states shapes that differ, and stages that only one has", async () => {
  const shorter = await compared(await archive(1), await archive(1, {}, 5));
  expect(shorter.raw.stages[1]!.problem).toBe("shape [6, 10], the reference's is [5, 10]");
  const dump = fixture("reference/fun-asr-nano.safetensors");
  expect((await compared(await archive(1), dump)).unmatched).toContain("fbank");
});

it("is the command with two archives, and exits with 5", async () => {
  const [a, b] = [await archive(-1), await archive(1)];
  expect((await cli("diff", a, a)).exitCode).toBe(0);
  const { exitCode, results } = await cli("diff", a, b);
  expect(exitCode).toBe(5);
  expect(results[0]).toContain("audio_adaptor: equals the reference with the opposite sign");
  const [c, d] = [await archive(1.001, { ...q8, backend: "cpu" }), await archive(1)];
  expect((await cli("diff", c, d)).exitCode).toBe(0);
  expect((await cli("diff", c, d, "--same-weights", "--fail-below", "0.9999999")).exitCode).toBe(0);
  expect((await cli("diff", c, d, "--same-weights")).exitCode).toBe(5);
  expect((await cli("diff", a, b, "--html", "page.html")).exitCode).toBe(2);
  expect((await cli("diff", a, b, "--tolerance", "3")).exitCode).toBe(0);
});
