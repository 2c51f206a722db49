/** A pipe in the place of a file that is read by range is refused at once: nothing waits for a writer. */
import { execFileSync } from "node:child_process";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
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
