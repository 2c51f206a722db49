/** A wrong file or flag is refused at once, with its place and what was wanted; no input is overwritten. */
import { existsSync } from "node:fs";
import { PassThrough } from "node:stream";
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { endWithReader } from "../../src/cli/console.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { cli } from "../helpers/environment/screen.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

const model = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");
const clip = fixture("audio/tiny.wav");
const archive = fixture("archives/python/stages.npz");

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});
const at = (...names: string[]): string => join(folder, ...names);

async function empty(name: string): Promise<string> {
  await writeFile(at(name), "");
  return at(name);
}

describe("a file of another kind", () => {
  const commands: readonly (readonly [string, (path: string) => string[]])[] = [
    ["inspect", (path) => ["inspect", path]],
    ["convert", (path) => ["convert", path, "-o", at("x.gguf")]],
    ["quantize", (path) => ["quantize", path, at("x.gguf"), "-t", "q8_0"]],
    ["compare", (path) => ["compare", model, path]],
  ];

  it.each(commands)("is refused as a model by %s", async (_, argv) => {
    const wanted = "wanted GGUF, ONNX, or the model.pt or model.safetensors of a FunASR folder";
    const files = {
      [clip]: "file begins with the bytes 52 49 46 46",
      [await empty("m.gguf")]: "file is empty",
    };
    for (const [path, found] of Object.entries(files)) {
      const { exitCode, notes } = await cli(...argv(path));
      expect(notes).toEqual([`${path}: the ${found}; ${wanted} [checkpoint_malformed]`]);
      expect(exitCode).toBe(3);
    }
    expect(await readdir(folder)).toEqual(["m.gguf"]);
  });

  it("is refused as an archive of activations", async () => {
    const wanted = "wanted a stage archive: safetensors, npz, GGUF, or a folder of npy";
    const files = { [clip]: "first bytes are no archive's", [await empty("a.npz")]: "file is empty" };
    for (const [path, found] of Object.entries(files)) {
      const { exitCode, notes } = await cli("diff", path, clip, "-m", model);
      expect(notes).toEqual([`${path}: the ${found}; ${wanted} [archive_malformed]`]);
      expect(exitCode).toBe(3);
    }
  });
});

describe("an output that cannot be written", () => {
  const commands: readonly (readonly [string, (path: string) => string[]])[] = [
    ["ctc", (path) => ["ctc", "-f", clip, "-m", model, "--html", path]],
    ["report", (path) => ["report", "-f", clip, "-m", model, "-n", "3", "-o", path]],
    ["diff", (path) => ["diff", archive, clip, "-m", model, "--html", path]],
    ["quantize", (path) => ["quantize", model, path, "-t", "q8_0"]],
    ["dump", (path) => ["dump", clip, "-m", model, "--format", "gguf", "-o", path]],
    ["dump (npz)", (path) => ["dump", clip, "-m", model, "--format", "npz", "-o", path]],
  ];

  it.each(commands)("is refused by %s before the work begins", async (_, argv) => {
    await mkdir(at("taken"));
    await empty("file");
    const places = {
      [at("absent", "x")]: "there is no such folder (ENOENT). Create it, or choose another path",
      [at("taken")]: "a folder has this name (EISDIR). Choose another path",
      [at("file", "x")]: "a file is in the place of its folder (ENOTDIR). Choose another path",
    };
    for (const [path, reason] of Object.entries(places)) {
      const run = await cli(...argv(path));
      const notes = [`${path}: the file cannot be written: ${reason} [file_unwritable]`];
      expect(run).toMatchObject({ exitCode: 1, results: [], notes });
      expect(run.progress.filter((line) => /^(?:encode|prefill)/u.test(line))).toEqual([]);
    }
    expect((await readdir(folder)).toSorted()).toEqual(["file", "taken"]);
  });

  it.each([
    ["transcribe", []],
    ["align", ["--text", "t.txt"]],
  ])("is refused by %s, for each of the formats, before the recognition", async (command, flags) => {
    await writeFile(at("t.txt"), "Ki, no");
    await mkdir(at("out.srt"));
    const argv = [command, "-m", model, "-f", clip, ...flags.map((flag) => flag.replace(/^t\./u, at("t.")))];
    const run = await cli(...argv, "-otxt", "-osrt", "-of", at("out"));
    expect(run).toMatchObject({ exitCode: 1, results: [] });
    expect(run.progress.filter((line) => line !== "")).toEqual([]);
    expect(run.notes).toEqual([expect.stringMatching(/out\.srt: .* a folder has this name/u)]);
    expect((await readdir(folder)).toSorted()).toEqual(["out.srt", "t.txt"]);
  });
});

describe("an output path", () => {
  it("equal to the text to align is refused", async () => {
    await writeFile(at("t.srt"), "1\n00:00:00,000 --> 00:00:01,000\nKi, no\n");
    await copyFile(clip, at("t.wav"));
    const before = await readFile(at("t.srt"), "utf8");
    const argv = ["align", "-m", model, "-f", at("t.wav"), "--text", at("t.srt"), "-osrt", "-np"];
    const run = await cli(...argv);
    expect(run).toMatchObject({ exitCode: 2, results: [] });
    expect(run.notes).toEqual([
      `${at("t.srt")}: would be written over what is read; wanted another name (--output-file) or folder (--output-dir) [bad_option]`,
    ]);
    expect(await readFile(at("t.srt"), "utf8")).toBe(before);
    expect((await cli(...argv, "-of", at("timed"))).exitCode).toBe(0);
    expect(await readFile(at("timed.srt"), "utf8")).toMatch(/-->/u);
  });

  it("equal to that of another input, in any spelling, gets the input's extension", async () => {
    await copyFile(clip, at("a.wav"));
    await copyFile(clip, at("a.flac"));
    const spelled = `${folder}/./a.flac`;
    const run = await cli("transcribe", "-m", model, at("a.wav"), spelled, "-otxt", "-np");
    expect(run.exitCode).toBe(0);
    const texts = run.results.map((line) => line.slice(line.indexOf(": ") + 2).replaceAll(/\p{Cc}/gu, ""));
    const [first, second] = texts; // files contain no controls
    expect(first).not.toBe("");
    expect(await readFile(at("a.wav.txt"), "utf8")).toBe(`${first}\n`);
    expect(await readFile(at("a.flac.txt"), "utf8")).toBe(`${second}\n`);
    expect(existsSync(at("a.txt"))).toBe(false);
  });
});

describe("ablate's numbers", () => {
  const part = ["ablate", clip, "-m", model, "--at", "audio_encoder.encoders.0.self_attn"];
  it.each([
    [["--scale", "x"], '--scale: "x"; wanted a number'],
    [["--heads", "0,foo"], '--heads: "0,foo"; wanted numbers separated by commas, or each'],
    [["--frames", "5-2"], '--frames: "5-2"; wanted a number, or FROM-TO'],
  ])("%j", async (flags, note) => {
    const run = await cli(...part, ...flags);
    expect(run).toMatchObject({ exitCode: 2, results: [] });
    expect(run.notes.join("\n")).toContain(note);
  });
});

describe("FUN_ASR_BACKEND", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it.each([
    ["transcribe", [clip]],
    ["align", ["-f", clip, "--text", "t.txt"]],
    ["ctc", ["-f", clip]],
    ["bench", ["-f", clip]],
    ["report", ["-f", clip, "-o", "report.html"]],
    ["dump", [clip, "-o", "stages.npz"]],
    ["diff", [archive, clip]],
    ["patch", [clip, "--at", "lfr", "--from", archive]],
    ["ablate", [clip, "--at", "lfr"]],
    ["lens", [clip, "--of", "ctc"]],
  ])("sets the backend of %s unless a flag names another", async (command, argv) => {
    vi.stubEnv("FUN_ASR_BACKEND", "abacus");
    await writeFile(at("t.txt"), "Ki, no");
    const inFolder = argv.map((word) => (/^(?:t|report|stages)\./u.test(word) ? at(word) : word));
    const { exitCode, notes } = await cli(command, "-m", model, ...inFolder);
    expect(notes).toEqual([expect.stringMatching(/^FUN_ASR_BACKEND: abacus; wanted wasm, /u)]);
    expect(exitCode).toBe(2);
  });
});

describe("results that cannot be written", () => {
  const before = process.exitCode;
  afterEach(() => {
    process.exitCode = before;
  });

  it.each([
    ["EPIPE", before, []],
    ["ENOSPC", 1, ["stdout: the results cannot be written (ENOSPC)"]],
  ])("end the work (%s)", async (code, exitCode, messages) => {
    const [results, notes] = [new PassThrough(), new PassThrough()];
    endWithReader(results, notes);
    const running = cli("-m", model, "-f", clip, "-otxt", "-of", at("out"));
    const lose = setInterval(() => results.emit("error", Object.assign(new Error("lost"), { code })), 5);
    const run = await running;
    clearInterval(lose);
    expect(run).toMatchObject({ exitCode: 130, notes: ["interrupted"] });
    expect(process.exitCode).toBe(exitCode);
    const lines = String(notes.read() ?? "").split("\n");
    expect([...new Set(lines)].filter((line) => line !== "")).toEqual(messages);
    expect(await readdir(folder)).toEqual([]);
    notes.emit("error", new Error("the reader of notes is gone too"));
  });
});
