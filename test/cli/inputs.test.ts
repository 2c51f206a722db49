/** Folders and patterns as inputs: which files they stand for, and what does not end a batch. */
import * as fs from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { findInputs } from "../../src/cli/inputs.ts";

vi.mock("node:fs", async (original) => {
  const real = await original<typeof fs>();
  const readdirSync = (path: string, options: { withFileTypes: true }) => {
    if (path.endsWith("locked")) throw Object.assign(new Error("EACCES"), { code: "EACCES" });
    return real.readdirSync(path, options);
  };
  return { ...real, readdirSync };
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "inputs-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(...names: string[]): Promise<void> {
  for (const name of names) {
    await mkdir(join(folder, name, ".."), { recursive: true });
    await writeFile(join(folder, name), "");
  }
}
async function* nothing(): AsyncGenerator<Uint8Array> {}
const find = (word = "") => findInputs([join(folder, word)], { stdin: nothing() });
const names = (word = ""): string[] => find(word).map(({ name }) => relative(folder, name));

const media =
  "a.wav a.flac a.mp3 a.ogg a.oga a.opus a.webm a.weba a.m4a a.m4b a.m4v a.mp4 a.3gp a.3g2 a.mov a.mkv a.mka a.avi a.flv " +
  "a.mpg a.mpeg a.vob a.m2ts a.wma a.wmv a.asf a.aac a.ac3 a.mp2 a.amr a.aif a.caf a.w64 a.wv a.ape a.spx a.VOC";

describe("a folder", () => {
  it("stands for every file that is audio or has audio, by extension", async () => {
    await write(...media.split(" "), "a.txt", "a.ts", "a", "notes.wav.json");
    expect(names()).toEqual(media.split(" ").sort());
  });

  it("stands for MPEG transport streams, but not for TypeScript", async () => {
    const packets = (size: number, at: number): Uint8Array => {
      const bytes = new Uint8Array(2 * size);
      for (const start of [at, at + size]) bytes[start] = 0x47;
      return bytes;
    };
    await writeFile(join(folder, "tv.ts"), packets(188, 0));
    await writeFile(join(folder, "camera.mts"), packets(192, 4));
    await writeFile(join(folder, "code.ts"), "G".padEnd(400, "x"));
    expect(names()).toEqual(["camera.mts", "tv.ts"]);
  });

  it("leaves out what macOS stores beside files", async () => {
    await write("talk.wav", "._talk.wav", "__MACOSX/._other.mp3");
    expect(names()).toEqual(["talk.wav"]);
    expect(names("*")).toEqual(["talk.wav"]);
  });

  it("follows links to files and folders, and ends in loops", async () => {
    await write("one.wav", "sub/two.wav");
    const outside = await mkdtemp(join(tmpdir(), "outside-"));
    await writeFile(join(outside, "three.wav"), "");
    await symlink("one.wav", join(folder, "link.wav"));
    await symlink(outside, join(folder, "outside"));
    await symlink("..", join(folder, "sub", "up"));
    await symlink("self", join(folder, "self"));
    expect(names()).toEqual(["link.wav", "one.wav", "outside/three.wav", "sub/two.wav"]);
    expect(names("**/*.wav")).toEqual(names());
    await rm(outside, { recursive: true });
  });

  it.each([
    ["a link to itself", "self.wav", "file_unreadable", /ELOOP/u],
    ["a link to nothing", "gone.wav", "file_not_found", /gone\.wav/u],
  ])("with %s has the other files, and its error on opening", async (_, target, code, message) => {
    await write("one.wav");
    await symlink(target === "self.wav" ? target : "nowhere", join(folder, target));
    expect(names()).toEqual([target, "one.wav"].sort());
    const { openFile } = await import("../../src/adapters/node/open-file.ts");
    await expect(openFile(join(folder, target))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it.each(["", "**/*.wav", "*/*.wav"])("%s with a subfolder that cannot be read goes on", async (word) => {
    await write("b/one.wav", "locked/two.wav");
    const inputs = find(word);
    expect(inputs.map(({ name }) => relative(folder, name))).toEqual(["b/one.wav", "locked"]);
    expect(await inputs[0]!.open()).toBe(join(folder, "b/one.wav"));
    await expect(inputs[1]!.open()).rejects.toMatchObject({
      code: "file_unreadable",
      message: expect.stringContaining("EACCES"),
    });
  });

  it("that cannot be read matters only to patterns that search it", async () => {
    await write("one.wav", "locked/two.wav");
    expect(names("*.wav")).toEqual(["one.wav"]);
  });
});

it("a path or pattern below a file is no crash", async () => {
  await write("one.wav");
  expect(names("one.wav/two.wav")).toEqual(["one.wav/two.wav"]);
  expect(() => find("one.wav/*.wav")).toThrowError(expect.objectContaining({ code: "bad_option" }));
});
