/** Files in the caches of the hubs' own clients, which are used in place. */
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { findInstalled } from "../../src/installed/find.ts";
import { pull } from "../../src/pull/index.ts";
import { removeModel } from "../../src/pull/models.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { modelsHome } from "../helpers/environment/models-home.ts";
import type { Home } from "../helpers/environment/models-home.ts";

const tiny = await readFile(fixture("tiny/fun-asr-nano/fun-asr-nano-q8_0.gguf"));
const name = "maker/model/tiny.gguf";
const repositories = { "maker/model": { files: { "tiny.gguf": tiny } } };

/** Bytes of models that the stand-in has sent. */
const sent = ({ hub }: Home): number => hub.requests.reduce((sum, request) => sum + request.sent, 0);

/** Everything below a folder, with what would show a change. */
async function listing(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true });
  const lines = names.map(async (path) => {
    const { size, mtimeMs, ino } = await stat(join(folder, path));
    return `${path} ${size} ${mtimeMs} ${ino}`;
  });
  return (await Promise.all(lines)).toSorted();
}

async function place(path: string, bytes: Uint8Array | string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
}

describe("files in the caches of the hubs' own clients", () => {
  const revision = "1".repeat(40);
  const places: readonly (readonly [string, string, string])[] = [
    [
      "Hugging Face's snapshots",
      "hf",
      `huggingface/hub/models--maker--model/snapshots/${revision}/tiny.gguf`,
    ],
    ["ModelScope's snapshots", "modelscope", "modelscope/models/maker--model/snapshots/master/tiny.gguf"],
    ["ModelScope's older layout", "modelscope", "modelscope/hub/models/maker/model/tiny.gguf"],
    ["ModelScope's oldest layout", "modelscope", "modelscope/hub/maker/model/tiny.gguf"],
  ];
  it.each(places)("%s: are used in place, and stay as they are", async (_, from, path) => {
    const home = await modelsHome(repositories);
    await place(join(home.folder, path), tiny);
    await place(join(home.folder, "huggingface/hub/models--maker--model/refs/main"), revision);
    const before = await listing(home.folder);
    const model = await pull(name, { from });
    expect(model.files.map(({ cachedAt }) => cachedAt)).toEqual([join(home.folder, path)]);
    expect(sent(home)).toBe(0);
    const after = await listing(home.folder);
    expect(after.filter((line) => !line.startsWith("fun-asr"))).toEqual(before);
    await removeModel(name);
    expect((await stat(join(home.folder, path))).size).toBe(tiny.length);
  });

  it("are not used where their bytes differ", async () => {
    const home = await modelsHome(repositories);
    const wrong = Buffer.from(tiny);
    wrong[5000]! ^= 1;
    await place(join(home.folder, "modelscope/hub/models/maker/model/tiny.gguf"), wrong);
    const model = await pull(`ms:${name}`);
    expect(model.files[0]!.cachedAt).toBeUndefined();
    expect(sent(home)).toBe(tiny.length);
  });

  it("are found by load without a pull, offline too", async () => {
    const home = await modelsHome(repositories, { offline: true });
    const path = join(home.folder, "huggingface/hub/models--maker--model/snapshots", revision, "tiny.gguf");
    await place(path, tiny);
    await place(join(home.folder, "huggingface/hub/models--maker--model/refs/main"), revision);
    expect(await findInstalled(name)).toEqual({ paths: [path] });
    expect(home.hub.requests).toEqual([]);
  });
});
