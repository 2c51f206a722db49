/** Folders and patterns as inputs: which files they stand for, and what does not end a batch. */
import type { OpenDirOptions } from "node:fs";
import type * as fs from "node:fs/promises";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { findInputs } from "../../src/cli/inputs.ts";
import { sortedInTurns } from "../../src/cli/sort.ts";
import { platform } from "../../src/platform/current.ts";
import { matchPaths } from "../../src/text/wildcards.ts";

/** The folders that were searched. */
let searched: string[] = [];
let onSearch = (): void => {};
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof fs>();
  const opendir = (path: string, options: OpenDirOptions) => {
    searched.push(path);
    onSearch();
    if (path.endsWith("locked")) throw Object.assign(new Error("EACCES"), { code: "EACCES" });
    return real.opendir(path, options);
  };
  return { ...real, opendir };
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "inputs-"));
  searched = [];
  onSearch = () => {};
});
afterEach(() => rm(folder, { recursive: true }));

async function write(...names: string[]): Promise<void> {
  for (const name of names) {
    await mkdir(join(folder, name, ".."), { recursive: true });
    await writeFile(join(folder, name), "");
  }
}
async function* nothing(): AsyncGenerator<Uint8Array> {}
const find = (word = "", signal?: AbortSignal) =>
  findInputs([`${folder}/${word}`], { stdin: nothing(), signal });
const names = async (word = ""): Promise<string[]> =>
  (await find(word)).map(({ name }) => relative(folder, name));

const media =
  "a.wav a.flac a.mp3 a.ogg a.oga a.opus a.webm a.weba a.m4a a.m4b a.m4v a.mp4 a.3gp a.3g2 a.mov a.mkv a.mka a.avi a.flv " +
  "a.mpg a.mpeg a.vob a.m2ts a.wma a.wmv a.asf a.aac a.ac3 a.mp2 a.amr a.aif a.caf a.w64 a.wv a.ape a.spx a.VOC";

describe("a folder", () => {
  it("stands for every file that is audio or has audio, by extension", async () => {
    await write(...media.split(" "), "a.txt", "a.ts", "a", "notes.wav.json");
    expect(await names()).toEqual(media.split(" ").sort());
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
    expect(await names()).toEqual(["camera.mts", "tv.ts"]);
  });

  it("leaves out what macOS stores beside files", async () => {
    await write("talk.wav", "._talk.wav", "__MACOSX/._other.mp3");
    expect(await names()).toEqual(["talk.wav"]);
    expect(await names("*")).toEqual(["talk.wav"]);
  });

  it("follows links to files and folders, and ends in loops", async () => {
    await write("one.wav", "sub/two.wav");
    const outside = await mkdtemp(join(tmpdir(), "outside-"));
    await writeFile(join(outside, "three.wav"), "");
    await symlink("one.wav", join(folder, "link.wav"));
    await symlink(outside, join(folder, "outside"));
    await symlink("..", join(folder, "sub", "up"));
    await symlink("self", join(folder, "self"));
    expect(await names()).toEqual(["link.wav", "one.wav", "outside/three.wav", "sub/two.wav"]);
    expect(await names("**/*.wav")).toEqual(await names());
    await rm(outside, { recursive: true });
  });

  it.each([
    ["a link to itself", "self.wav", "file_unreadable", /ELOOP/u],
    ["a link to nothing", "gone.wav", "file_not_found", /gone\.wav/u],
  ])("with %s has the other files, and its error on opening", async (_, target, code, message) => {
    await write("one.wav");
    await symlink(target === "self.wav" ? target : "nowhere", join(folder, target));
    expect(await names()).toEqual([target, "one.wav"].sort());
    const { openFile } = await import("../../src/adapters/node/open-file.ts");
    await expect(openFile(join(folder, target))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it.each(["", "**/*.wav", "*/*.wav"])("%s with a subfolder that cannot be read goes on", async (word) => {
    await write("b/one.wav", "locked/two.wav");
    const inputs = await find(word);
    expect(inputs.map(({ name }) => relative(folder, name))).toEqual(["b/one.wav", "locked"]);
    expect(await inputs[0]!.open()).toBe(join(folder, "b/one.wav"));
    await expect(inputs[1]!.open()).rejects.toMatchObject({
      code: "file_unreadable",
      message: expect.stringContaining("EACCES"),
    });
  });

  it("that cannot be read matters only to patterns that search it", async () => {
    await write("one.wav", "locked/two.wav");
    expect(await names("*.wav")).toEqual(["one.wav"]);
  });
});

it("a path or pattern below a file is no crash", async () => {
  await write("one.wav");
  expect(await names("one.wav/two.wav")).toEqual(["one.wav/two.wav"]);
  await expect(find("one.wav/*.wav")).rejects.toMatchObject({ code: "bad_option" });
});

describe("a pattern", () => {
  const tree = "a ab.a b/a b/b/a b/b/ab a.b/a a.b/b.a/ab b.b/bb/b/b/a".split(" ");

  it("finds what matches among all files", async () => {
    await write(...tree);
    const sign = fc.constantFrom("a", "b", ".", "/", "*", "?", "**/", "*/");
    const pattern = fc.array(sign, { minLength: 1, maxLength: 8 }).map((signs) => signs.join(""));
    await fc.assert(
      fc.asyncProperty(
        pattern.filter((text) => /[*?]/u.test(text) && !text.includes("..")),
        async (text) => {
          const matches = matchPaths(join(folder, text));
          const found = await names(text).catch((error: unknown) => {
            expect(error).toMatchObject({ code: "bad_option" });
            return [];
          });
          expect(found).toEqual(tree.filter((path) => matches(join(folder, path))).toSorted());
        },
      ),
      { numRuns: 100 },
    );
  });

  it.each([
    ["*.wav", [""]],
    ["b*/*.wav", ["", "b1"]],
    ["?1/*/*.wav", ["", "a1", "a1/c", "b1"]],
    ["b1/../*.wav", [""]],
    ["*/../a1/*.wav", ["a1"]],
    ["a1/**/*.wav", ["a1", "a1/c", "a1/c/d"]],
    ["b*/**/*.wav", ["", "b1"]],
  ])("%s enters only folders that can have matches", async (word, entered) => {
    await write("one.wav", "a1/two.wav", "a1/c/three.wav", "a1/c/d/four.wav", "b1/five.wav");
    await names(word);
    expect(searched.map((path) => relative(folder, path)).toSorted()).toEqual(entered);
  });
});

describe("a large tree", () => {
  const folders = Array.from({ length: 300 }, (_, i) => `f${i}`);
  let now = 1e9; // later than it can be, and never goes back

  it.each(["", "**/*.wav"])("%s is no longer searched once the signal is aborted", async (word) => {
    await write(...folders.map((name) => `${name}/a.wav`));
    const reason = new Error("changed my mind");
    const controller = new AbortController();
    onSearch = () => void (searched.length === 20 && controller.abort(reason));
    await expect(find(word, controller.signal)).rejects.toBe(reason);
    const { length } = searched;
    expect(length).toBeLessThan(folders.length / 2);
    await sleep(500);
    expect(searched.length).toBeLessThanOrEqual(length + 1);
  });

  it.each(["", "**/*.wav"])("%s gives other work its turns", async (word) => {
    await write(...folders.map((name) => `${name}.wav`));
    vi.spyOn(performance, "now").mockImplementation(() => (now += 1000)); // a turn wherever one is offered
    const turns = vi.spyOn(platform(), "yieldNow");
    expect(await names(word)).toEqual(folders.map((name) => `${name}.wav`).toSorted());
    expect(turns.mock.calls.length).toBeGreaterThanOrEqual(folders.length);
    vi.restoreAllMocks();
  });
});

it("many names are sorted in turns, in the order of `sort`", async () => {
  const random = Array.from({ length: 20_000 }, (_, i) => (Math.imul(i, 0x9e37_79b1) >>> 18).toString(36));
  expect(await sortedInTurns(random, (name) => name)).toEqual(random.toSorted());
  expect(await sortedInTurns([], String)).toEqual([]);
});
