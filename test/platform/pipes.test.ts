/** A pipe in the place of a file that is read by range is refused at once: nothing waits for a writer. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, renameSync } from "node:fs";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openPieces } from "../../src/adapters/node/open-pieces.ts";
import { loadAudio } from "../../src/audio/container.ts";
import { pcm16 } from "../../src/audio/raw.ts";
import { isAudioName } from "../../src/cli/find-files.ts";
import { findClips } from "../../src/cli/verify-clips.ts";
import { load } from "../../src/node.ts";
import { platform } from "../../src/platform/current.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { cli } from "../helpers/environment/screen.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

async function pipe(): Promise<string> {
  const path = join(await temporaryFolder(), "pipe.gguf");
  execFileSync("mkfifo", [path]);
  return path;
}
const clip = fixture("audio/tiny.wav");
const model = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");

it.each([
  ["a model", (path: string) => ["-m", path, clip]],
  ["a part of a model", (path: string) => ["--audio", path, "--llm", model, clip]],
  ["a model for speech detection", (path: string) => ["-m", model, "--vad", path, clip]],
  ["audio", (path: string) => ["-m", model, path]],
  ["hotwords", (path: string) => ["-m", model, "--hotwords-file", path, clip]],
  ["a text", (path: string) => ["align", "-m", model, "-f", clip, "--text", path]],
  ["an archive", (path: string) => ["diff", path, clip, "-m", model]],
  ["a checkpoint", (path: string) => ["convert", path, "-o", "/dev/null"]],
  ["what is inspected", (path: string) => ["inspect", path]],
])(
  "%s",
  async (_, argv) => {
    const { exitCode, notes } = await cli(...argv(await pipe()));
    expect(exitCode).toBe(2);
    expect(notes.join()).toMatch(/regular file/u);
  },
  10_000,
);

it("the text of a clip to verify with", async () => {
  const path = await pipe();
  const folder = join(path, "..");
  copyFileSync(clip, join(folder, "tiny.wav"));
  renameSync(path, join(folder, "tiny.txt"));
  const { signal } = new AbortController();
  const found = findClips({ model: undefined, folder, signal, note: () => {} });
  await expect(found).rejects.toMatchObject({ code: "file_unreadable" });
}, 10_000);

it("is not read to find out whether it is audio", async () => {
  const path = await pipe();
  renameSync(path, `${path}.ts`);
  expect(await isAudioName(`${path}.ts`)).toBe(true); // opening it says why not
}, 10_000);

it.each(["model.pt", "am.mvn", "config.yaml", "tokens.json"])(
  "%s of a folder",
  async (name) => {
    const folder = join(await temporaryFolder(), "m");
    await cp(fixture("tiny/paraformer"), folder, { recursive: true });
    await rm(join(folder, name));
    execFileSync("mkfifo", [join(folder, name)]);
    await expect(load(folder)).rejects.toMatchObject({ code: "file_unreadable" });
  },
  10_000,
);

it("external data beside an ONNX model", async () => {
  const folder = await temporaryFolder();
  execFileSync("mkfifo", [join(folder, "linear.bin")]);
  const { files } = await platform().locate(folder);
  expect(await files.openPlain("linear.bin")).toBeUndefined();
}, 10_000);

describe("raw samples", () => {
  const argv = (path: string): string[] => ["-m", model, "--pcm", "16000", "-np", "-n", "1", path];

  it.each([
    ["nothing", () => join(clip, "..", "missing.raw"), "file_not_found"],
    ["a path below a file", () => join(clip, "x.raw"), "file_unreadable"],
    ["a device", () => "/dev/zero", "file_unreadable"],
  ])("of %s", async (_, path, code) => {
    const { exitCode, notes } = await cli(...argv(path()));
    expect([exitCode, notes.join()]).toEqual([2, expect.stringContaining(`[${code}]`)]);
  });

  it("of a pipe may come later", async () => {
    const path = await pipe();
    const stream = pcm16(await openPieces(path));
    spawn("sh", ["-c", 'sleep 0.3; head -c 64000 /dev/zero >"$0"', path]);
    const { samples } = await loadAudio({ samples: stream, sampleRate: 16_000 });
    expect(samples).toHaveLength(32_000);
  }, 10_000);

  it("of a pipe are those that are written", async () => {
    const path = await pipe();
    const writer = spawn("sh", ["-c", 'exec 3<>"$0"; echo; head -c 64000 /dev/zero >&3; sleep 1', path]);
    await once(writer.stdout, "data"); // it has opened the pipe
    const stream = pcm16(await openPieces(path));
    const { samples } = await loadAudio({ samples: stream, sampleRate: 16_000 });
    expect(samples).toHaveLength(32_000);
  }, 10_000);

  it.each([true, false])(
    "of a pipe that is silent end by an abort (it has a writer: %s)",
    async (hasWriter) => {
      const path = await pipe();
      const writer = spawn("sh", ["-c", hasWriter ? 'exec 3<>"$0"; echo; exec sleep 100' : "echo", path]);
      await once(writer.stdout, "data");
      const signal = AbortSignal.timeout(100);
      const samples = pcm16(await openPieces(path));
      const error: unknown = await loadAudio({ samples, sampleRate: 16_000 }, { signal }).catch(
        (cause: unknown) => cause,
      );
      expect(error).toBe(signal.reason);
      writer.kill();
    },
    10_000,
  );
});
