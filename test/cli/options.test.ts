/** The option that each flag of `transcribe` sets, as `--dry-run` prints it. */
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { fixture } from "../helpers/environment/fixtures.ts";
import { cli, cliReading } from "../helpers/environment/screen.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

const model = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");
const clip = fixture("audio/tiny.wav");

interface Plan {
  readonly model: object;
  readonly backend: string;
  readonly threads?: number;
  readonly options: Readonly<Record<string, unknown>>;
  readonly inputs: readonly { file: string; outputs?: string[]; error?: string; seconds?: number }[];
}

async function plan(...argv: string[]): Promise<Plan> {
  const run = await cli("-m", model, "-f", clip, "--dry-run", ...argv);
  expect(run.notes).toEqual([]);
  expect(run.exitCode).toBe(0);
  return JSON.parse(run.results.join("\n")) as Plan;
}

describe("options", () => {
  it.each<[string, string[], object]>([
    ["language", ["-l", "zh"], { language: "zh" }],
    ["context", ["--context", "weather"], { context: "weather" }],
    ["hotwords", ["--hotwords", "a, b，c"], { hotwords: ["a", "b", "c"] }],
    ["hotword search", ["--hotword-search", "draft"], { hotwordSearch: "draft" }],
    ["itn", ["--no-itn"], { itn: false }],
    ["prompt style", ["--prompt-style", "fun-asr-gguf"], { promptStyle: "fun-asr-gguf" }],
    ["decoder", ["--decoder", "ctc"], { decoder: "ctc" }],
    ["low frame rate", ["--no-low-frame-rate"], { lowFrameRate: false }],
    ["low frame rate", ["--low-frame-rate"], { lowFrameRate: true }],
    ["silence gate", ["--silence-gate", "ctc"], { silenceGate: "ctc" }],
    ["most tokens", ["-n", "7"], { maxNewTokens: 7 }],
    ["most tokens by length", ["--max-tokens", "auto"], { maxNewTokens: "auto" }],
    ["temperature", ["--temperature", "0.5"], { temperature: 0.5 }],
    ["top k", ["--top-k", "5"], { topK: 5 }],
    ["top p", ["--top-p", "0.9"], { topP: 0.9 }],
    ["seed", ["--seed", "3"], { seed: 3 }],
    ["repetition penalty", ["--repetition-penalty", "1.2"], { repetitionPenalty: 1.2 }],
    ["fallback", ["--fallback"], { fallback: {} }],
    ["its temperatures", ["--fallback-temperatures", "0.2,0.4"], { fallback: { temperatures: [0.2, 0.4] } }],
    ["draft", ["--draft", "off"], { draft: "off" }],
    ["its length", ["--draft-tokens", "7"], { draftTokens: 7 }],
    ["logprobs", ["--logprobs"], { logprobs: true }],
    ["alignment", ["--align", "text"], { align: { method: "text" } }],
    ["its offset", ["--align-offset", "-0.03"], { align: { offset: -0.03 } }],
    ["start", ["-ot", "1500"], { start: 1.5 }],
    ["start in full", ["--offset-t", "20"], { start: 0.02 }],
    ["duration", ["-d", "500"], { duration: 0.5 }],
    ["window", ["--chunk-seconds", "15"], { chunk: { seconds: 15 } }],
    ["overlap", ["--chunk-overlap", "3"], { chunk: { overlap: 3 } }],
    ["pause", ["--chunk-pause", "0.5"], { chunk: { pause: 0.5 } }],
    ["cut", ["--chunk-cut", "fixed"], { chunk: { cut: "fixed" } }],
    ["windows at once", ["--parallel", "3"], { parallel: 3 }],
    ["as many at once as fit", ["--parallel", "auto"], { parallel: "auto" }],
    ["front end", ["--frontend", "htk"], { frontend: "htk" }],
    ["cmvn", ["--cmvn", "off"], { cmvn: "off" }],
    ["times", ["--timestamps"], { timestamps: "token" }],
    ["times for subtitles", ["-osrt"], { timestamps: "word" }],
  ])("%s", async (_, argv, expected) => {
    expect((await plan(...argv)).options).toMatchObject(expected);
  });

  it("take lists from files", async () => {
    const folder = await temporaryFolder();
    const [list, rules] = [join(folder, "hot.txt"), join(folder, "rules.txt")];
    await writeFile(list, "# names\n督工\n");
    await writeFile(rules, "都工 => 督工\n");
    const argv = ["--hotwords-file", list, "--corrections", rules, "--hotwords-threshold", "0.7"];
    expect((await plan(...argv, "--hotwords-max", "3")).options).toHaveProperty("hotwords");
    const missing = await cli("-m", model, "-f", clip, "--dry-run", "--hotwords-file", join(folder, "no"));
    expect(missing.exitCode).not.toBe(0);
  });
});

it("prints model, backend, threads and inputs", async () => {
  const planned = await plan("--backend", "cpu", "-t", "2", "--vad", "fsmn-vad.gguf");
  expect(planned).toMatchObject({
    vad: "fsmn-vad.gguf",
    model: { source: basename(model), architecture: "fun-asr-nano", ctc: true },
    backend: "cpu",
    threads: 2,
    inputs: [{ file: clip, sampleRate: 16_000, channels: 1, outputs: [] }],
  });
  expect(planned.inputs[0]!.seconds).toBeCloseTo(0.76, 1);
});

describe("outputs", () => {
  it.each([
    ["-otxt", "txt"],
    ["-oj", "json"],
    ["-ojf", "json"],
    ["-osrt", "srt"],
    ["-ovtt", "vtt"],
    ["-olrc", "lrc"],
    ["-otsv", "tsv"],
    ["-ocsv", "csv"],
    ["-otextgrid", "TextGrid"],
    ["-octm", "ctm"],
    ["-orttm", "rttm"],
  ])("%s writes .%s beside the audio, or under another name", async (flag, extension) => {
    const { inputs } = await plan(flag, "-ml", "20", "--max-seconds", "4", "--min-gap", "0.1");
    expect(inputs[0]!.outputs).toEqual([clip.replace(/wav$/u, extension)]);
    expect((await plan(flag, "-of", "talk.part")).inputs[0]!.outputs).toEqual([`talk.part.${extension}`]);
  });

  it("have different paths", async () => {
    const folder = await temporaryFolder();
    const files = ["a.wav", "a.wave"].map((name) => join(folder, name));
    for (const file of files) await copyFile(clip, file);
    const run = await cli("-m", model, "-f", ...files, "-osrt", "--dry-run");
    expect(run.exitCode).toBe(0);
    const { inputs } = JSON.parse(run.results.join("\n")) as { inputs: { outputs: string[] }[] };
    expect(inputs.map(({ outputs }) => outputs)).toEqual(files.map((file) => [`${file}.srt`]));
  });
});

describe("inputs", () => {
  async function tree(): Promise<string> {
    const folder = await temporaryFolder();
    await mkdir(join(folder, "deep/er"), { recursive: true });
    for (const name of ["b.wav", "a.WAV", "deep/c.flac", "deep/er/d.mp3", "deep/notes.txt"]) {
      await copyFile(clip, join(folder, name));
    }
    return folder;
  }
  const found = async (folder: string, word: string, ...rest: string[]): Promise<string[]> => {
    const run = await cli("-m", model, "-f", word, "--dry-run", ...rest);
    expect(run.exitCode, run.notes.join()).toBe(0);
    const { inputs } = JSON.parse(run.results.join("\n")) as Plan;
    return inputs.map(({ file }) => file.slice(folder.length + 1));
  };

  it("of a folder are the audio files in it and below it", async () => {
    const folder = await tree();
    expect(await found(folder, folder)).toEqual(["a.WAV", "b.wav", "deep/c.flac", "deep/er/d.mp3"]);
  });

  it.each([
    ["*.wav", ["b.wav"]],
    ["?.wav", ["b.wav"]],
    ["*/*", ["deep/c.flac", "deep/notes.txt"]],
    ["**/*.mp3", ["deep/er/d.mp3"]],
    ["deep/**/*.*", ["deep/c.flac", "deep/er/d.mp3", "deep/notes.txt"]],
  ])("of the pattern %s", async (pattern, files) => {
    const folder = await tree();
    expect(await found(folder, join(folder, pattern))).toEqual(files);
  });

  it("may be a file whose name looks like a pattern", async () => {
    const folder = await temporaryFolder();
    await copyFile(clip, join(folder, "what?.wav"));
    expect(await found(folder, join(folder, "what?.wav"))).toEqual(["what?.wav"]);
  });

  it("may be standard input, which a plan does not read", async () => {
    const read: Uint8Array[] = [];
    const run = await cliReading(read, "-m", model, "-", "--dry-run", "-osrt");
    const { inputs } = JSON.parse(run.results.join("\n")) as Plan;
    expect(inputs).toEqual([{ file: "stdin", outputs: ["stdin.srt"] }]);
  });

  it.each([
    ["a folder without any", async () => temporaryFolder(), /no audio files in this folder/u],
    ["a pattern that fits none", async () => join(await temporaryFolder(), "*.wav"), /no file matches/u],
    ["a pattern in no folder", async () => "/nowhere/*.wav", /no file matches/u],
  ])("are not %s", async (_, word, note) => {
    const run = await cli("-m", model, "-f", await word());
    expect(run.exitCode).toBe(2);
    expect(run.notes[0]).toMatch(note);
  });

  it("include standard input at most once", async () => {
    const run = await cli("-m", model, "-", "-");
    expect(run).toMatchObject({ exitCode: 2, notes: [expect.stringMatching(/given twice/u)] });
  });

  it("that are missing are named in the plan, and set its exit code", async () => {
    const run = await cli("-m", model, "-f", "absent.wav", clip, "--dry-run");
    expect(run.exitCode).toBe(2);
    const { inputs } = JSON.parse(run.results.join("\n")) as Plan;
    expect(inputs[0]).toMatchObject({ error: expect.stringMatching(/file_not_found/u) });
    expect(inputs[1]).not.toHaveProperty("error");
  });
});

it("plans nothing with a missing model", async () => {
  const run = await cli("-m", "absent.gguf", "-f", clip, "--dry-run");
  expect(run).toMatchObject({ exitCode: 2, results: [] });
});
