/** What belongs to an input is not written over either; --force allows it for models; - is standard output. */
import { execFileSync } from "node:child_process";
import { copyFile, cp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { copyInputs, inputNames } from "../helpers/environment/outputs.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { cli } from "../helpers/environment/screen.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});
const at = (...names: string[]): string => join(folder, ...names);
const program = fixture("../dist/src/cli/main.js");

describe("the folder of a checkpoint", () => {
  beforeEach(() => cp(fixture("tiny/paraformer"), at("m"), { recursive: true }));

  it.each(["model.pt", "config.yaml", "am.mvn", "tokens.json"])("keeps its %s", async (name) => {
    const before = await readFile(at("m", name));
    for (const from of [at("m"), at("m", "model.pt")]) {
      const { exitCode, notes } = await cli("convert", from, "-o", at("m", name));
      expect(exitCode).toBe(2);
      expect(notes.join()).toMatch(/would be written over what is read; wanted another name.*--force/u);
    }
    expect(Buffer.compare(await readFile(at("m", name)), before)).toBe(0);
  });

  it("may get the converted model, again and again, and results", async () => {
    for (let i = 0; i < 2; i++) {
      expect(await cli("convert", at("m"), "-o", at("m", "model.gguf"))).toMatchObject({ exitCode: 0 });
      const run = await cli("-m", at("m"), fixture("audio/tiny.wav"), "-oj", "-otxt", "-of", at("m", "said"));
      expect(run).toMatchObject({ exitCode: 0 });
    }
    const run = await cli("-m", at("m"), fixture("audio/tiny.wav"), "-oj", "-of", at("m", "tokens"));
    expect(run).toMatchObject({ exitCode: 2, results: [] });
  });
});

describe("the parts of a split model", () => {
  it("are not written over", async () => {
    for (const part of [1, 2]) await writeFile(at(`m-0000${part}-of-00002.gguf`), "…");
    await copyInputs(folder);
    const argv = ["report", "-f", at(inputNames.audio), "-m", at("m-00001-of-00002.gguf")];
    const run = await cli(...argv, "-o", at("m-00002-of-00002.gguf"));
    expect(run.notes.join()).toContain("would be written over what is read");
  });
});

describe("--force", () => {
  it.each([
    ["quantize", (path: string) => ["quantize", path, path, "-t", "q8_0"]],
    ["convert", (path: string) => ["convert", path, "-o", path, "-t", "q8_0"]],
  ])("lets %s replace the model that it reads", async (_, argv) => {
    const [model, other] = [at("m.gguf"), at("other.gguf")];
    await copyFile(fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf"), model);
    await cli(...argv(model).with(argv(model).lastIndexOf(model), other));
    expect(await cli(...argv(model))).toMatchObject({ exitCode: 2 });
    expect(await cli(...argv(model), "--force")).toMatchObject({ exitCode: 0 });
    expect(Buffer.compare(await readFile(model), await readFile(other))).toBe(0);
    expect((await readdir(folder)).toSorted()).toEqual(["m.gguf", "other.gguf"]);
  });
});

describe("-", () => {
  const clip = fixture("audio/tiny.wav");
  const nano = ["-m", fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf"), "-n", "3", "-np"];
  const stdoutOf = (...argv: string[]): Buffer =>
    execFileSync(process.execPath, [program, ...argv], { stdio: ["ignore", "pipe", "ignore"] });

  it.each([
    ["transcribe", [clip, ...nano, "-osrt"], "-of", ".srt"],
    ["report", ["report", "-f", clip, ...nano], "-o", ".html"],
    ["dump", ["dump", clip, ...nano, "--stages", "fbank", "--format", "npz"], "-o", ".npz"],
    [
      "dump as one with a header",
      ["dump", clip, ...nano, "--stages", "fbank", "--format", "gguf"],
      "-o",
      ".gguf",
    ],
    ["convert", ["convert", nano[1]!, "-t", "q8_0"], "-o", ".gguf"],
  ])(
    "is standard output for %s: the bytes of the file, and nothing else",
    async (_, argv, flag, extension) => {
      const base = at("out");
      expect(await cli(...argv, flag, flag === "-of" ? base : base + extension)).toMatchObject({
        exitCode: 0,
      });
      expect(Buffer.compare(stdoutOf(...argv, flag, "-"), await readFile(base + extension))).toBe(0);
    },
  );

  it("is what standard output was redirected to, under its name, too", async () => {
    const argv = ["report", "-f", clip, ...nano, "-o"];
    const quoted = argv.map((word) => `'${word}'`).join(" ");
    execFileSync("bash", ["-c", `'${process.execPath}' '${program}' ${quoted} /dev/stdout > '${at("a")}'`]);
    await cli(...argv, at("b"));
    expect(Buffer.compare(await readFile(at("a")), await readFile(at("b")))).toBe(0);
  });

  it.each([
    ["ctc", ["ctc", "-f", clip, ...nano.slice(0, 2), "--html", "-"]],
    ["diff", ["diff", fixture("reference/fun-asr-nano.safetensors"), clip, ...nano, "--html", "-"]],
    ["convert", ["convert", nano[1]!, "--json", "-o", "-"]],
    ["convert", ["convert", nano[1]!, "--layout", "official", "-o", "-"]],
    ["transcribe", [clip, ...nano, "-osrt", "-ovtt", "-of", "-"]],
    ["transcribe", [clip, ...nano, "-of", "-"]],
    ["transcribe", [clip, ...nano, "-osrt", "--json-lines", "-of", "-"]],
    [
      "align",
      [
        "align",
        "-f",
        clip,
        ...nano.slice(0, 2),
        "--text",
        fixture("../LICENSE"),
        "--json",
        "-osrt",
        "-of",
        "-",
      ],
    ],
  ])("is refused by %s where something else is printed, or nothing", async (_, argv) => {
    const { exitCode, results, notes } = await cli(...argv);
    expect({ exitCode, results }).toEqual({ exitCode: 2, results: [] });
    expect(notes.join()).toContain("bad_option");
  });
});
