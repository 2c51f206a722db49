/** The command `transcribe`: results, files, errors and exit codes. */
import { copyFile, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { schemaErrors } from "../helpers/environment/schema.ts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fixture } from "../helpers/environment/fixtures.ts";
import { cli } from "../helpers/environment/screen.ts";
import { tinyNanoFile } from "../helpers/builders/tiny-nano-file.ts";

const model = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");
const clip = fixture("audio/tiny.wav");
/** Few tokens: the weights are random, so the text has no meaning. */
const few = ["-n", "3"];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fun-asr-cli-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("results", () => {
  it("prints one text per file behind its name, and nothing else on stdout", async () => {
    const run = await cli("transcribe", "-m", model, "-f", clip, clip, ...few, "--progress", "bar");
    const alone = await cli("transcribe", "-m", model, "-f", clip, ...few);
    expect(run.notes.filter((note) => note.includes("cut after 3 tokens"))).toHaveLength(2);
    expect(run.notes.filter((note) => note.includes("CTC draft agree by"))).toHaveLength(2);
    expect(run.notes).toHaveLength(4);
    expect(run.exitCode).toBe(0);
    expect(run.results).toHaveLength(2);
    expect(run.results[0]).toBe(`${clip}: ${alone.results[0]}`);
    expect(run.results[0]).toBe(run.results[1]);
    expect(run.progress.some((line) => line.includes("encode"))).toBe(true);
  });

  it("transcribes without the word transcribe, and without progress on request", async () => {
    const run = await cli("-m", model, "-f", clip, "-np", ...few);
    expect(run).toMatchObject({ exitCode: 0, progress: [""] });
  });

  it("writes JSON with timings and token counts beside the audio, or under the given name", async () => {
    const copy = join(folder, "clip.wav");
    await copyFile(clip, copy);
    const beside = await cli("-m", model, "-f", copy, "-oj", "--timestamps", ...few);
    expect(beside.exitCode).toBe(0);
    const json = JSON.parse(await readFile(join(folder, "clip.json"), "utf8")) as Record<string, unknown>;
    expect(json).toMatchObject({
      file: copy,
      text: expect.stringContaining(beside.results[0]!),
      duration: expect.closeTo(0.76, 1),
      counts: { prefixTokens: 18, audioTokens: 2, suffixTokens: 5, generatedTokens: 3 },
      model: { architecture: "fun-asr-nano", ctc: true },
    });
    expect(json["timings"]).toMatchObject({ encode: expect.any(Number), total: expect.any(Number) });

    await cli("-m", model, "-f", copy, "-oj", "-of", join(folder, "named"), ...few);
    expect((await readdir(folder)).sort()).toEqual(["clip.json", "clip.wav", "named.json"]);
  });

  it("writes full JSON with words, characters and probabilities", async () => {
    await cli("-m", model, "-f", clip, "-ojf", "-of", join(folder, "full"), ...few);
    const full = JSON.parse(await readFile(join(folder, "full.json"), "utf8")) as {
      segments: { words: object[]; characters: object[]; avgLogprob: number }[];
      tokens: number[];
      logprobs: number[];
    };
    const [{ words, characters, avgLogprob }] = full.segments as [(typeof full.segments)[number]];
    expect(avgLogprob).toBeLessThan(0);
    expect(full.logprobs.length).toBeGreaterThanOrEqual(full.tokens.length);
    for (const unit of [...words, ...characters]) {
      expect(unit).toMatchObject({ start: expect.any(Number), probability: expect.any(Number) });
    }
    expect(characters.length).toBeGreaterThan(0);
    expect(schemaErrors(full)).toBeNull();
    await cli("-m", model, "-f", clip, "-oj", "-of", join(folder, "plain"), ...few);
    expect(await readFile(join(folder, "plain.json"), "utf8")).not.toContain("probability");
  });

  it("writes every format beside the audio, with times of the written text", async () => {
    const copy = join(folder, "clip.wav");
    await copyFile(clip, copy);
    const formats = ["txt", "j", "srt", "vtt", "lrc", "tsv", "csv", "textgrid", "ctm", "rttm"];
    const run = await cli("-m", model, "-f", copy, "--decoder", "ctc", ...formats.map((name) => `-o${name}`));
    expect(run).toMatchObject({ exitCode: 0, notes: [] });
    const extensions = ["TextGrid", "csv", "ctm", "json", "lrc", "rttm", "srt", "tsv", "txt", "vtt", "wav"];
    expect((await readdir(folder)).sort()).toEqual(extensions.map((extension) => `clip.${extension}`));

    const read = (extension: string): Promise<string> => readFile(join(folder, `clip.${extension}`), "utf8");
    const json = JSON.parse(await read("json")) as {
      segments: { words: { text: string; start: number }[] }[];
    };
    expect(json).toMatchObject({ version: 2, file: copy, timings: { encode: expect.any(Number) } });
    const words = json.segments[0]!.words;
    expect(words.map(({ text }) => text.charAt(0))).toEqual(["K", "i"]);
    const lines = (await read("ctm")).trim().split("\n");
    expect(lines.map((line) => Number(line.split(" ")[2]))).toEqual(words.map(({ start }) => start));
    expect(await read("srt")).toMatch(/^1\n00:00:00,\d{3} --> 00:00:0[01],\d{3}\nK/u);
    expect(await read("rttm")).toMatch(/^SPEAKER clip 1 /u);
  });

  it("shapes cues as asked", async () => {
    const base = join(folder, "short");
    const cues = async (...flags: string[]): Promise<number | undefined> => {
      await cli("-m", model, "-f", clip, "--decoder", "ctc", "-osrt", "-of", base, ...flags);
      return (await readFile(`${base}.srt`, "utf8")).match(/-->/gu)?.length;
    };
    expect(await cues()).toBe(1);
    expect(await cues("-ml", "2")).toBe(1); // of two lines
    expect(await cues("-ml", "2", "--max-lines", "1")).toBe(2);
    const most = ["-m", model, "-f", clip, "--decoder", "ctc", "-osrt", "-of", base, "--max-lines", "100"];
    expect(await cli(...most)).toMatchObject({ exitCode: 0 });
    expect(await cues("--max-seconds", "0.1", "--min-gap", "0", "--stops", "cjk")).toBe(2);
  });

  it("writes CSV for Excel", async () => {
    const base = join(folder, "table");
    await cli(
      "-m",
      model,
      "-f",
      clip,
      "--decoder",
      "ctc",
      "-ocsv",
      "--csv-bom",
      "--formulas",
      "keep",
      "-of",
      base,
    );
    expect((await readFile(`${base}.csv`, "utf8")).startsWith("\ufeffstart,end,text\r\n")).toBe(true);
  });

  it("prints JSON lines on request", async () => {
    const run = await cli("-m", model, "-f", clip, "--json-lines", "--decoder", "ctc");
    expect(JSON.parse(run.results[0]!)).toMatchObject({
      file: clip,
      text: "K\u0017 i\u0017",
      ctcText: "K\u0017 i\u0017",
    });
  });

  it("gives an empty text for silence", async () => {
    const silence = join(folder, "silence.wav");
    await writeFile(silence, wav(new Int16Array(16_000)));
    const run = await cli("-m", model, "-f", silence);
    expect(run).toMatchObject({ exitCode: 0, results: [""] });
    expect(run.notes).toEqual([`${silence}: there is nothing but silence`]);
  });
});

describe("refusals", () => {
  it("continues after a bad file, names it, and exits with its code", async () => {
    const broken = join(folder, "broken.wav");
    await writeFile(broken, "this is no audio at all");
    const run = await cli("-m", model, "-f", broken, clip, join(folder, "absent.wav"), ...few);
    expect(run.exitCode).toBe(4);
    expect(run.results).toHaveLength(1);
    expect(run.notes[0]).toMatch(/broken\.wav.*\[not_audio\]/su);
    expect(run.notes.at(-1)).toMatch(/^2 of 3 files failed: .*broken\.wav, .*absent\.wav$/u);
  });

  it.each([
    ["no file", ["-m", model], 2, /no audio files/u],
    [
      "an unknown flag",
      ["-m", model, "-f", clip, "--loud"],
      2,
      /--loud: fun-asr transcribe has no such option/u,
    ],
    ["a number out of range", ["-m", model, "-f", clip, "-n", "0"], 2, /whole number from 1/u],
    ["one output name for two inputs", ["-m", model, "-f", clip, clip, "-of", "x"], 2, /one output/u],
    ["an unknown language", ["-m", model, "-f", clip, "-l", "klingon"], 2, /klingon.*\[unknown_language\]/su],
    ["a missing model", ["-m", "absent.gguf", "-f", clip], 2, /absent\.gguf.*\[file_not_found\]/su],
    ["a model of another format", ["-m", clip, "-f", clip], 3, /\[not_gguf\]/u],
    ["a missing audio file", ["-m", model, "-f", "absent.wav"], 2, /absent\.wav.*\[file_not_found\]/su],
  ])("names the fault for %s", async (_, argv, exitCode, note) => {
    const run = await cli("transcribe", ...argv);
    expect(run.exitCode).toBe(exitCode);
    expect(run.results).toEqual([]);
    expect(run.notes.join("\n")).toMatch(note);
  });

  it("states in one sentence that a file without CTC has no timestamps", async () => {
    const path = join(folder, "no-ctc.gguf");
    await tinyNanoFile(path, (name) => !name.startsWith("ctc"));
    const run = await cli("-m", path, "-f", clip, "--timestamps", "-oj", "-of", join(folder, "out"));
    expect(run.exitCode).toBe(3);
    expect(run.notes).toEqual([
      expect.stringMatching(/no-ctc\.gguf: timestamps needs the CTC branch.*\[ctc_unavailable\]$/u),
    ]);
    expect(await readdir(folder)).toEqual(["no-ctc.gguf"]);
  });

  it("lists missing tensors by name", async () => {
    const path = join(folder, "torn.gguf");
    await tinyNanoFile(path, (name) => !name.endsWith("encoders.0.norm1.bias"));
    const run = await cli("-m", path, "-f", clip);
    expect(run.exitCode).toBe(3);
    expect(run.notes[0]).toMatch(/audio_encoder\.encoders\.0\.norm1\.bias: missing, wanted \[32\]/u);
  });

  it("refuses a truncated model", async () => {
    const path = join(folder, "cut.gguf");
    await writeFile(path, (await readFile(model)).subarray(0, 200_000));
    const run = await cli("-m", path, "-f", clip);
    expect(run.exitCode).toBe(3);
    expect(run.notes[0]).toMatch(/\[gguf_truncated\]/u);
  });

  it("stops cleanly at Ctrl-C", async () => {
    const running = cli("-m", model, "-f", clip, "-oj", "-of", join(folder, "out"));
    const press = setInterval(() => process.emit("SIGINT"), 5);
    const run = await running;
    clearInterval(press);
    expect(run.exitCode).toBe(130);
    expect(run.notes).toContain("interrupted");
    expect(await readdir(folder)).toEqual([]);
  });
});

it("describes every flag", async () => {
  const run = await cli("transcribe", "--help");
  expect(run.exitCode).toBe(0);
  const help = run.results.join("\n");
  for (const flag of [
    "--model",
    "--llm",
    "--file",
    "--language",
    "--hotwords",
    "--timestamps",
    "--backend",
  ]) {
    expect(help).toContain(flag);
  }
});

function wav(samples: Int16Array): Buffer {
  const header = Buffer.alloc(44);
  header.write("RIFF", 0);
  header.writeUInt32LE(36 + samples.byteLength, 4);
  header.write("WAVEfmt ", 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(16_000, 24);
  header.writeUInt32LE(32_000, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write("data", 36);
  header.writeUInt32LE(samples.byteLength, 40);
  return Buffer.concat([header, Buffer.from(samples.buffer)]);
}
