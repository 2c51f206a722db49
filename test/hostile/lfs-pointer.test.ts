/**
 * A Git LFS pointer in place of any file is named as such, whatever the file should have been: a checkout without Git LFS
 * is how many people first meet a model.
 */
import { copyFile, mkdir, readdir, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { openFile } from "../../src/adapters/node/open-file.ts";
import { openModel } from "../../src/containers/open-paths.ts";
import { detectSpeech, load } from "../../src/index.ts";
import { openSource } from "../../src/platform/open-source.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { cli } from "../helpers/environment/screen.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

const pointer = [
  "version https://git-lfs.github.com/spec/v1",
  "oid sha256:55ae0d2fee369f0f11cce0795f6927934ad17cf11b278a7e56a51272074160bb",
  "size 1971149431",
  "",
].join("\n");
const refusal = {
  code: "file_unreadable",
  message: expect.stringMatching(/Git LFS pointer.*1971149431 bytes/u) as unknown,
};

async function pointerAt(name: string): Promise<string> {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, pointer);
  return path;
}

/** A copy of a tiny model's folder, with a pointer in place of one of its files. */
async function folderWithout(model: string, replaced: string): Promise<string> {
  const [from, to] = [fixture(`tiny/${model}`), await temporaryFolder()];
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    const name = join(entry.parentPath, entry.name).slice(from.length + 1);
    if (entry.isDirectory()) await mkdir(join(to, name), { recursive: true });
  }
  for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
    const name = join(entry.parentPath, entry.name).slice(from.length + 1);
    if (entry.isFile() && !name.endsWith(".gguf")) await copyFile(join(from, name), join(to, name));
  }
  await writeFile(join(to, replaced), pointer);
  return to;
}

describe("a model", () => {
  it.each(["model.gguf", "model.pt", "model.safetensors", "model.onnx", "model"])("%s", async (name) => {
    const path = await pointerAt(name);
    await expect(openModel([path])).rejects.toMatchObject(refusal);
    await expect(load(path)).rejects.toMatchObject(refusal);
    await expect(detectSpeech(new Float32Array(16_000), { vad: path })).rejects.toMatchObject(refusal);
  });

  it.each([
    ["fun-asr-nano", "model.pt"],
    ["fun-asr-nano", "multilingual.tiktoken"],
    ["fun-asr-nano", "config.yaml"],
    ["fun-asr-nano", "Qwen3-tiny/tokenizer.json"],
    ["paraformer", "am.mvn"],
    ["paraformer", "tokens.json"],
    ["sensevoice", "model.pt"],
    ["fsmn-vad", "am.mvn"],
  ])("whose folder is %s without %s", async (model, replaced) => {
    await expect(openModel([await folderWithout(model, replaced)])).rejects.toMatchObject(refusal);
  });

  it("on a server", async () => {
    const server = createServer((request, response) => {
      const [first = 0, last = 0] = (request.headers.range ?? "").match(/\d+/gu)?.map(Number) ?? [];
      response.writeHead(206, { "content-range": `bytes ${first}-${last}/${pointer.length}` });
      response.end(pointer.slice(first, last + 1));
    });
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    onTestFinished(() => void server.close());
    const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.gguf`;
    await expect(openModel([address])).rejects.toMatchObject(refusal);
  });

  it("in memory", async () => {
    await expect(openSource(Buffer.from(pointer))).rejects.toMatchObject(refusal);
    await expect(openSource(new Blob([pointer]))).rejects.toMatchObject(refusal);
  });
});

describe("the command line", () => {
  const model = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");
  const clip = fixture("audio/tiny.wav");
  const note = expect.stringMatching(/git lfs pull/iu) as unknown;

  it("says it of audio", async () => {
    const run = await cli("transcribe", "-m", model, "-f", await pointerAt("talk.wav"));
    expect(run).toMatchObject({ notes: expect.arrayContaining([note]) as unknown });
    expect(run.exitCode).not.toBe(0);
  });

  it.each([
    ["--am-mvn", "am.mvn"],
    ["--hotwords-file", "words.txt"],
    ["--vad", "vad.gguf"],
  ])("says it of %s", async (flag, name) => {
    const run = await cli("transcribe", "-m", model, "-f", clip, flag, await pointerAt(name));
    expect(run).toMatchObject({ notes: expect.arrayContaining([note]) as unknown });
    expect(run.exitCode).not.toBe(0);
  });

  it("inspect and convert say it", async () => {
    const path = await pointerAt("model.gguf");
    expect((await cli("inspect", path)).notes).toEqual([note]);
    expect((await cli("convert", path, "-o", `${path}.out`)).notes).toEqual([note]);
  });
});

describe("what is no pointer", () => {
  it.each([
    ["a text about one", `a file that says ${pointer}`],
    ["a longer file that begins as one", pointer + " ".repeat(1024)],
    ["an empty file", ""],
  ])("%s is opened", async (_, text) => {
    const path = join(await temporaryFolder(), "file");
    await writeFile(path, text);
    await using file = await openFile(path);
    expect(file.size).toBe(text.length);
  });
});
