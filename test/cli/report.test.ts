/** The command `report`, and the page of `diff --html`. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fixture } from "../helpers/environment/fixtures.ts";
import { cli } from "../helpers/environment/screen.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

const sectionsOf = (page: string): string[] => [...page.matchAll(/<h2 id="([^"]+)"/gu)].map(([, id]) => id!);

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
