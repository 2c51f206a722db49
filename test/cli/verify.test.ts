/** `fun-asr verify`: its report, its clips, its exit code. */
import { copyFile, cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { writeGguf } from "../../converters/writers/node.ts";
import { bytesOf, copyOf, openGguf } from "../../src/checkpoints/gguf/index.ts";
import { registry } from "../../src/registry/index.ts";
import { version } from "../../src/version.ts";
import type { VerifyReport } from "../../src/verify/verify.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { cli } from "../helpers/environment/screen.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

const demo = new URL("../../models/demo/fun-asr-demo-q8_0.gguf", import.meta.url).pathname;
const weather = fixture("audio/demo/zh-weather.wav");

/** One clip, and its text unless it is withheld. */
async function clipFolder(text?: string): Promise<string> {
  const folder = await temporaryFolder();
  await copyFile(weather, join(folder, "zh-weather.wav"));
  if (text !== undefined) await writeFile(join(folder, "zh-weather.txt"), `${text}\n`);
  return folder;
}

async function verifyJson(...argv: string[]): Promise<{ exitCode: number; report: VerifyReport }> {
  const { exitCode, results } = await cli("verify", "--json", "-np", ...argv);
  return { exitCode, report: JSON.parse(results.join("\n")) as VerifyReport };
}

test("of the demo model it says that its texts are right, with all bundled clips", async () => {
  const { exitCode, results, progress } = await cli("verify", "-m", demo, "-t", "2");
  const text = results.join("\n");
  expect(exitCode).toBe(0);
  expect(text).toContain(
    `fun-asr       ${version}, node ${process.version}, ${process.platform} ${process.arch}`,
  );
  expect(text).toContain("199 tensors (7.");
  expect(text).toContain("zh-weather.wav: errors 0 %, CTC branch 0 %, agreement 100 %");
  expect(text).toContain("en-name.wav");
  expect(text).not.toContain("zh-long.wav");
  expect(text).toContain("the model works: its texts are right");
  expect(progress.length).toBeGreaterThan(100);
});

describe("clips", () => {
  test("of a folder, with the texts beside them", async () => {
    const folder = await clipFolder("天气预报说今天会有大雨");
    const { exitCode, report } = await verifyJson("-m", demo, "--clips", folder);
    expect(exitCode).toBe(0);
    expect(report.clips).toEqual([
      expect.objectContaining({
        name: "zh-weather.wav",
        expected: "天气预报说今天会有大雨",
        errorRate: 0,
        agreement: 1,
      }),
    ]);
  });

  test("without a text: the two decoders still judge each other", async () => {
    const { exitCode, report } = await verifyJson("-m", demo, "--clips", await clipFolder());
    expect(exitCode).toBe(0);
    expect(report.clips[0]).toMatchObject({ text: "天气预报说今天会有大雨。", agreement: 1 });
    expect(report.clips[0]).not.toHaveProperty("errorRate");
  });

  test("with another text: the model is to blame, by the exit code too", async () => {
    const folder = await clipFolder("没有人说过这样的话");
    const { exitCode, report } = await verifyJson("-m", demo, "--clips", folder);
    expect(exitCode).toBe(3);
    expect(report.suspect).toEqual({ stage: "audio_encoder", why: "the text of 1 of 1 clips is wrong" });
    const { results } = await cli("verify", "-m", demo, "--clips", folder, "-np");
    expect(results.join("\n")).toContain("expected  没有人说过这样的话");
    expect(results.at(-1)).toContain(
      "first suspicious stage: audio_encoder: the text of 1 of 1 clips is wrong",
    );
  });

  test("that belong to a model folder, with the texts that the registry has", async () => {
    const folder = await temporaryFolder();
    await cp(fixture("demo-model/checkpoint"), folder, { recursive: true });
    await mkdir(join(folder, "example"));
    await copyFile(weather, join(folder, "example", "sample.wav"));
    const { exitCode, report } = await verifyJson("-m", folder);
    const samples = registry.flatMap((entry) => entry.samples);
    const published = samples.find(({ file }) => file.name === "sample.wav")?.text;
    expect(report.clips).toEqual([expect.objectContaining({ name: "sample.wav", expected: published })]);
    expect(exitCode).toBe(3); // the recording is another one
  });

  test("are refused where there are none", async () => {
    const { exitCode, notes } = await cli("verify", "-m", demo, "--clips", await temporaryFolder());
    expect(exitCode).toBe(2);
    expect(notes.join("\n")).toContain("there is no recording in this folder; wanted audio files");
  });
});

test("a file with one NaN: the tensor is named", async () => {
  const name = "audio_encoder.encoders.2.norm2.weight";
  const path = join(await temporaryFolder(), "nan.gguf");
  await using file = await openGguf(demo);
  const tensors = [...file.tensors.values()].map((entry) =>
    entry.name === name
      ? bytesOf(name, entry.shape, "F32", new Uint8Array(new Float32Array(entry.shape[0]!).fill(NaN).buffer))
      : copyOf(entry),
  );
  await writeGguf(path, { metadata: file.typedMetadata, tensors });
  expect((await readFile(path)).length).toBe((await readFile(demo)).length);
  const { exitCode, report } = await verifyJson("-m", path, "--clips", await clipFolder("天气"));
  expect(exitCode).toBe(3);
  expect(report.suspect).toEqual({ stage: name, why: "192 values are NaN or infinite" });
});
