/** Several inputs: their names on stdout, the names of their output files, and which are skipped. */
import { copyFile, mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { guardOutputs, refuseInputs } from "../../src/adapters/node/output/guard.ts";
import { outputBases, partialBase } from "../../src/cli/output-names.ts";
import { schemaErrors } from "../helpers/environment/schema.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { cli } from "../helpers/environment/screen.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

const quick = ["-m", fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf"), "--decoder", "ctc", "-np"];
const clip = fixture("audio/tiny.wav");

let folder: string;
const at = (...names: string[]): string => join(folder, ...names);
beforeEach(async () => {
  folder = await temporaryFolder();
});

async function clips(...names: string[]): Promise<string[]> {
  for (const name of names) {
    await mkdir(at(name, ".."), { recursive: true });
    await copyFile(clip, at(name));
  }
  return names.map((name) => at(name));
}

/** All files but the clips. */
async function written(): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !/\.(?:wav|mp4|m4a)$/u.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .toSorted();
}

describe("standard output", () => {
  it("has the name before each text of several inputs, and no name for one input", async () => {
    const [a, b] = (await clips("a.wav", "b.wav")) as [string, string];
    const alone = await cli(...quick, a);
    expect(alone.results).toEqual([expect.not.stringContaining("a.wav")]);
    const both = await cli(...quick, a, b);
    expect(both.results).toEqual([`${a}: ${alone.results[0]}`, `${b}: ${alone.results[0]}`]);
    const inFolder = await cli(...quick, folder);
    expect(inFolder.results).toEqual(both.results);
  });

  it("has one line for each input, and so do the notes, whatever its name", async () => {
    const [odd] = (await clips("a\nb\u001b[31mc.wav", "b.wav")) as [string, string];
    await writeFile(at("bad\n.wav"), "this is no audio");
    const { results, notes } = await cli(...quick, folder, "-pp", "--stats", "--json-lines");
    expect((JSON.parse(results[0]!) as { file: string }).file).toBe(odd);
    const plain = await cli(...quick, folder, "-pp");
    expect(plain.results[0]).toContain(`${at("a\\u000ab\\u001b[31mc.wav")}: `);
    expect(plain.notes).toContainEqual(expect.stringContaining(`${at("bad\\u000a.wav")}: `));
    expect(plain.notes.join("")).not.toMatch(/\p{Cc}/u);
    expect(notes.join("\n")).not.toMatch(/a\nb|bad\n/u);
  });

  it("has the name alone where there is no speech", async () => {
    const silence = at("silence.wav");
    await writeFile(silence, Buffer.concat([(await readFile(clip)).subarray(0, 44), Buffer.alloc(9600)]));
    const run = await cli(...quick, silence, clip);
    expect(run.results[0]).toBe(`${silence}:`);
  });
});

describe("inputs of one stem", () => {
  it("have outputs with their whole names", async () => {
    const names = await clips("v.mp4", "v.wav", "other.wav");
    expect(await cli(...quick, ...names, "-osrt", "-otxt")).toMatchObject({ exitCode: 0 });
    expect(await written()).toEqual([
      "other.srt",
      "other.txt",
      "v.mp4.srt",
      "v.mp4.txt",
      "v.wav.srt",
      "v.wav.txt",
    ]);
  });

  it("have other names than every other input's outputs, complete or partial", async () => {
    const bases = async (...names: string[]): Promise<string[]> => [
      ...(await outputBases(names, {})).values(),
    ];
    expect(await bases("v.mp4", "v.wav", "v.mp4.wav")).toEqual(["v.mp4", "v.wav", "v.mp4.wav"]);
    expect(await bases("v.wav", "v.partial.wav")).toEqual(["v.wav", "v.partial.wav"]);
    expect(await bases("a/v.wav", "b/v.wav")).toEqual(["a/v", "b/v"]);
    expect(await bases("v.wav", "./v.wav")).toEqual(["v", "./v"]);
    expect(await bases("stdin", "stdin.wav")).toEqual(["stdin", "stdin.wav"]);
    await expect(bases("v", "v.partial")).rejects.toMatchObject({ code: "bad_option" });
  });

  it("are no longer chosen and checked once the signal is aborted", async () => {
    const reason = new Error("changed my mind");
    const controller = new AbortController();
    const names = Array.from({ length: 20_000 }, (_, i) => `a/${i}.wav`);
    setImmediate(() => controller.abort(reason));
    const { signal } = controller;
    await expect(outputBases(names, {}, signal)).rejects.toBe(reason);
    await expect(refuseInputs(["a.srt"], { files: names }, { signal })).rejects.toBe(reason);
    await expect(guardOutputs(names, {}, { signal })).rejects.toBe(reason);
  });

  it("have a partial name that the file system takes", () => {
    const long = `a/${"声".repeat(84)}`;
    expect(Buffer.byteLength(partialBase(long))).toBeLessThanOrEqual(2 + 255 - ".TextGrid".length);
    expect(partialBase(long)).toMatch(/^a\/声+\.partial$/u);
    expect(partialBase("a/b.c")).toBe("a/b.c.partial");
  });
});

describe("--output-dir", () => {
  it("takes the outputs of all inputs, and is created", async () => {
    const names = await clips("a.wav", "sub/b.wav");
    const run = await cli(...quick, ...names, "-osrt", "--output-dir", at("out", "deep"));
    expect(run).toMatchObject({ exitCode: 0 });
    expect(await written()).toEqual(["out/deep/a.srt", "out/deep/b.srt"]);
  });

  it("tells files of one name apart by their folders", async () => {
    const names = await clips("x/1/v.wav", "x/2/v.wav", "y/2/v.wav", "y/2/v.mp4", "w.wav");
    await cli(...quick, ...names, "-otxt", "--output-dir", at("out"));
    expect(await written()).toEqual([
      "out/1/v.txt",
      "out/v.mp4.txt",
      "out/w.txt",
      "out/x/2/v.txt",
      "out/y/2/v.txt",
    ]);
  });

  it("is not created by --dry-run, which names the outputs in it", async () => {
    const [name] = (await clips("a.wav")) as [string];
    const run = await cli(...quick, name, "-osrt", "--output-dir", at("out"), "--dry-run");
    expect(run.exitCode).toBe(0);
    expect(run.results.join("")).toContain(JSON.stringify(at("out", "a.srt")));
    await expect(stat(at("out"))).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("is refused where a file is in its place, and beside --output-file", async () => {
    const [name] = (await clips("a.wav")) as [string];
    await writeFile(at("taken"), "mine");
    for (const place of [at("taken"), at("taken", "deeper")]) {
      const run = await cli(...quick, name, "-osrt", "--output-dir", place);
      expect(run).toMatchObject({ exitCode: 1, results: [] });
      expect(run.notes.join()).toMatch(/a file is in the place.*\[file_unwritable\]/su);
    }
    expect(await readFile(at("taken"), "utf8")).toBe("mine");
    const both = await cli(...quick, name, "-osrt", "--output-dir", folder, "-of", at("x"));
    expect(both).toMatchObject({ exitCode: 2, results: [] });
  });

  it("is for align, too", async () => {
    const [name] = (await clips("a.wav")) as [string];
    await writeFile(at("said.text"), "Ki");
    const model = quick.slice(0, 2);
    const run = await cli(
      "align",
      "-f",
      name,
      ...model,
      "--text",
      at("said.text"),
      "-osrt",
      "--output-dir",
      at("o"),
    );
    expect(run.exitCode).toBe(0);
    expect(await written()).toEqual(["o/a.srt", "said.text"]);
  });
});

describe("--skip-existing", () => {
  it("skips the inputs that have all their output files, without a look at their audio", async () => {
    const names = await clips("a.wav", "b.wav", "c.wav");
    await writeFile(at("a.srt"), "mine");
    await writeFile(at("a.txt"), "mine");
    await writeFile(at("b.srt"), "one of two");
    await writeFile(names[0]!, "no audio any more");
    const run = await cli(...quick, ...names, "-osrt", "-otxt", "--skip-existing");
    expect(run).toMatchObject({ exitCode: 0 });
    expect(run.notes).toEqual([`${names[0]}: skipped, since its output files exist`]);
    expect(run.results.map((line) => line.replace(/: .*/u, ""))).toEqual(names.slice(1));
    expect(await readFile(at("a.srt"), "utf8")).toBe("mine");
    expect(await readFile(at("b.srt"), "utf8")).toContain(" --> ");
    // all are there now: no model is read
    const again = await cli("-m", at("absent.gguf"), ...names, "-osrt", "-otxt", "--skip-existing");
    expect(again).toMatchObject({ exitCode: 0, results: [] });
    expect(again.notes).toHaveLength(3);
  });

  it.each(["--skip-existing", "--resume"])("%s needs output files", async (flag) => {
    for (const outputs of [[], ["-osrt", "-of", "-"]]) {
      const run = await cli(...quick, clip, ...outputs, flag);
      expect(run).toMatchObject({ exitCode: 2, results: [] });
      expect(run.notes.join()).toContain(`${flag}: no output files`);
    }
  });
});

describe("--stats", () => {
  it("writes steps, tokens and speeds, which JSON has, too", async () => {
    const model = fixture("../models/demo/fun-asr-demo-q8_0.gguf");
    const names = [fixture("audio/demo/en-travel.wav"), fixture("audio/demo/en-name.wav")];
    const run = await cli("-m", model, ...names, "-np", "--stats", "-oj", "--output-dir", folder);
    expect(run.exitCode).toBe(0);
    const [stats = "", , total = ""] = run.notes;
    const json = JSON.parse(await readFile(at("en-travel.json"), "utf8")) as {
      readonly duration: number;
      readonly rates: Readonly<Record<"prefill" | "generate" | "realTimeFactor", number>>;
      readonly timings: Readonly<Record<string, number>>;
      readonly counts: Readonly<Record<string, number>>;
    };
    expect(schemaErrors(json)).toBeNull();
    const { duration, rates, timings, counts } = json;
    const { prefixTokens = 0, audioTokens = 0, suffixTokens = 0, generatedTokens = 0 } = counts;
    const { steps = 0, accepted = 0 } = counts;
    expect(steps + accepted).toBe(generatedTokens); // the first token is the prompt's, and the end token one more
    expect(accepted).toBeGreaterThan(0);
    expect(rates.prefill).toBeCloseTo(
      (prefixTokens + audioTokens + suffixTokens) / (timings["prefill"]! / 1000),
      2,
    );
    expect(rates.generate).toBeCloseTo(generatedTokens / (timings["generate"]! / 1000), 2);
    expect(rates.realTimeFactor).toBeCloseTo(timings["total"]! / 1000 / duration, 2);
    const lines = stats.split("\n");
    expect(lines[0]).toBe(
      `${names[0]}: ${duration.toFixed(2)} s of audio in ${(timings["total"]! / 1000).toFixed(2)} s, ` +
        `real-time factor ${rates.realTimeFactor.toFixed(3)}`,
    );
    for (const [step, time] of Object.entries(timings)) {
      expect(stats).toMatch(new RegExp(`^  ${step} +${time.toFixed(1).replace(".", "\\.")} ms$`, "mu"));
    }
    expect(lines.slice(-4).map((line) => line.trim().replaceAll(/ {2,}/gu, " "))).toEqual([
      `prompt tokens ${prefixTokens + suffixTokens}`,
      `audio tokens ${audioTokens} ${rates.prefill.toFixed(1)} tokens/s`,
      `output tokens ${generatedTokens} ${rates.generate.toFixed(1)} tokens/s`,
      `decoder steps ${steps} ${accepted} drafted tokens accepted`,
    ]);
    expect(total).toMatch(/^2 files: \d+\.\d\d s of audio in \d+\.\d\d s, real-time factor \d+\.\d{3}$/u);
  });

  it("has what a model without a language model and silence have", async () => {
    const model = fixture("tiny/sensevoice/sensevoice-bf16.gguf");
    const run = await cli("-m", model, clip, "-np", "--stats", "--json-lines");
    const { rates } = JSON.parse(run.results.at(-1)!) as { readonly rates: object };
    expect(rates).toEqual({ realTimeFactor: expect.any(Number) as number });
    expect(run.notes.at(-1)).toMatch(/^ {2}total +\d+\.\d ms$/mu);
    expect(run.notes.at(-1)).not.toMatch(/NaN|Infinity|undefined/u);
  });
});
