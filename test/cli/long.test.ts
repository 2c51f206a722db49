/** The command line with recordings of any length and many of them. */
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { schemaErrors } from "../helpers/environment/schema.ts";
import { describe, expect, it } from "vitest";
import { fixture } from "../helpers/environment/fixtures.ts";
import { cli, cliReading } from "../helpers/environment/screen.ts";
import { tinySamples } from "../helpers/builders/speech.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";
import { untimed } from "../helpers/environment/untimed.ts";
import { wav } from "../helpers/builders/wav.ts";

const model = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");
const clip = fixture("audio/tiny.wav");

/** The clip again and again, with silences of a second between: `times` segments. */
function longClip(times: number): Uint8Array {
  const samples = tinySamples();
  const all = new Int16Array(times * (samples.length + 16_000));
  for (let i = 0; i < times; i++) {
    all.set(
      Int16Array.from(samples, (value) => value * 32_768),
      i * (samples.length + 16_000),
    );
  }
  return wav(new Uint8Array(all.buffer));
}

const quick = ["-m", model, "--decoder", "ctc"] as const;
const cut = ["--chunk-seconds", "2", "--chunk-pause", "0.5"] as const;

interface Event {
  readonly event: string;
  readonly file: string;
  readonly id: number;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly segments: readonly unknown[];
}

describe("a long recording", () => {
  it("is printed as one text, and as JSON segment by segment", async () => {
    const path = join(await temporaryFolder(), "long.wav");
    await writeFile(path, longClip(5));
    const plain = await cli(...quick, ...cut, "-f", path);
    expect(plain.results).toHaveLength(1);
    const lines = await cli(...quick, ...cut, "-f", path, "--json-lines");
    const events = lines.results.map((line) => JSON.parse(line) as Event);
    expect(events.map(({ event }) => event)).toEqual([
      ...Array.from({ length: 5 }, () => "segment"),
      "result",
    ]);
    expect(events.at(-1)!.text).toBe(plain.results[0]);
    expect(events.at(-1)!.segments).toHaveLength(5);
    for (const [i, { id, start, file }] of events.slice(0, 5).entries()) {
      expect({ id, file }).toEqual({ id: i, file: path });
      expect(start).toBeCloseTo(i * (1 + tinySamples().length / 16_000), 0);
    }
  });

  it("prints the text of a segment before it is final, on request", async () => {
    const path = join(await temporaryFolder(), "long.wav");
    await writeFile(path, longClip(3));
    const full = ["-m", model, "-np", "-n", "5", ...cut, "-f", path, "--json-lines"];
    const [plain, run] = [await cli(...full), await cli(...full, "--partials")];
    const events = run.results.map((line) => JSON.parse(line) as Event & { part: number });
    const partials = events.filter(({ event }) => event === "partial");
    expect(new Set(partials.map(({ part }) => part))).toEqual(new Set([0, 1, 2]));
    expect(partials[0]).toEqual({
      event: "partial",
      file: path,
      part: 0,
      start: 0,
      source: "draft",
      text: expect.any(String) as string,
    });
    const others = events.filter(({ event }) => event !== "partial");
    expect(untimed(others)).toBe(untimed(plain.results.map((line) => JSON.parse(line) as Event)));
    expect((await cli(...quick, "-f", path, "--partials")).exitCode).toBe(2);
  });

  it("prints the text of each segment before the segment with the decoder ctc, too", async () => {
    const path = join(await temporaryFolder(), "long.wav");
    await writeFile(path, longClip(3));
    const full = [...quick, "-np", ...cut, "-f", path, "--json-lines"];
    const [plain, run] = [await cli(...full), await cli(...full, "--partials")];
    const events = run.results.map((line) => JSON.parse(line) as Event & { part: number; source: string });
    const kinds = events.map(({ event }) => event);
    expect(kinds).toEqual([0, 1, 2].flatMap(() => ["partial", "segment"]).concat("result"));
    for (const part of [0, 1, 2]) {
      const [partial, segment] = events.slice(2 * part);
      expect(partial).toMatchObject({ part, source: "text", text: segment!.text });
    }
    const others = events.filter(({ event }) => event !== "partial");
    expect(untimed(others)).toBe(untimed(plain.results.map((line) => JSON.parse(line) as Event)));
  });

  it("has cues from start to end", async () => {
    const path = join(await temporaryFolder(), "long.wav");
    await writeFile(path, longClip(4));
    await cli(...quick, ...cut, "-f", path, "-osrt", "-oj");
    const cues = (await readFile(path.replace("wav", "srt"), "utf8")).match(/--> (\S+)/gu)!;
    expect(cues).toEqual([...cues].sort());
    expect(cues.at(-1)).toMatch(/00:00:0[567]/u);
    const json = JSON.parse(await readFile(path.replace("wav", "json"), "utf8")) as Event;
    expect(schemaErrors(json)).toBeNull();
    expect(json.segments).toHaveLength(4);
  });

  it("is transcribed in part", async () => {
    const path = join(await temporaryFolder(), "long.wav");
    await writeFile(path, longClip(6));
    const part = ["-ot", "3400", "-d", "3600"];
    const run = await cli(...quick, ...cut, "-f", path, ...part, "--json-lines");
    const starts = run.results.slice(0, -1).map((line) => (JSON.parse(line) as Event).start);
    expect(starts).toHaveLength(2);
    expect(starts[0]).toBeGreaterThanOrEqual(3.4);
  });

  it("writes notes about its progress without a terminal, on request", async () => {
    const path = join(await temporaryFolder(), "long.wav");
    await writeFile(path, longClip(3));
    const run = await cli(...quick, ...cut, "-f", path, "-pp", "-np");
    expect(run.notes).toHaveLength(3);
    expect(run.notes[0]).toMatch(/long\.wav: 00:00:0\d\.\d{3} done/u);
  });

  it("shows file and position in its progress", async () => {
    const path = join(await temporaryFolder(), "long.wav");
    await writeFile(path, longClip(3));
    const run = await cli(...quick, ...cut, "-f", clip, path, "--progress", "bar");
    const shown = /^2\/2 .*g\.wav [█░]{20} 00:00:01 of 00:00:05 \d+(?:\.\d)?x 00:00:0\d left$/u;
    expect(run.progress.filter((line) => shown.test(line))).not.toEqual([]);
  });
});

describe("standard input", () => {
  it("is a file like any other", async () => {
    const bytes = new Uint8Array(await readFile(clip));
    const pieces = [bytes.subarray(0, 100), bytes.subarray(100)];
    const [piped, read] = [await cliReading(pieces, ...quick, "-"), await cli(...quick, clip)];
    expect(piped.exitCode).toBe(0);
    expect(piped.results).toEqual(read.results);
  });

  it("can be raw samples", async () => {
    const samples = Int16Array.from(tinySamples(), (value) => value * 32_768);
    const raw = new Uint8Array(samples.buffer);
    const piped = await cliReading(
      [raw.subarray(0, 999), raw.subarray(999)],
      ...quick,
      "-",
      "--pcm",
      "16000",
    );
    expect(piped.results).toEqual((await cli(...quick, clip)).results);
    const path = join(await temporaryFolder(), "bare.raw");
    await writeFile(path, raw);
    expect((await cli(...quick, path, "--pcm", "16000")).results).toEqual(piped.results);
  });

  it("is refused if it is empty or no audio", async () => {
    expect((await cliReading([], ...quick, "-")).exitCode).toBe(4);
    expect((await cliReading([Buffer.from("no audio at all")], ...quick, "-")).notes[0]).toMatch(
      /not_audio/u,
    );
  });
});

it("finishes a batch of 50 files with 3 broken ones, reports these, and exits with their code", async () => {
  const folder = await temporaryFolder();
  const broken = new Set([7, 23, 49]);
  for (let i = 0; i < 50; i++) {
    const path = join(folder, `${String(i).padStart(2, "0")}.wav`);
    if (broken.has(i)) await writeFile(path, i === 23 ? new Uint8Array(0) : "this is no audio at all");
    else await copyFile(clip, path);
  }
  const run = await cli(...quick, "-f", folder, "-otxt");
  expect(run.exitCode).toBe(4);
  expect(run.results).toHaveLength(47);
  expect(run.notes.at(-1)).toMatch(/^3 of 50 files failed: \S+07\.wav, \S+23\.wav, \S+49\.wav$/u);
  expect(run.notes).toHaveLength(4);
  expect(await readFile(join(folder, "48.txt"), "utf8")).toBe(
    `${run.results[0]!.replace(/^.*00\.wav: /u, "").replaceAll(/\p{Cc}/gu, "")}\n`, // files contain no controls
  );
});

describe("--strict", () => {
  it("refuses a text that was cut short, and writes nothing", async () => {
    const base = join(await temporaryFolder(), "out");
    const run = await cli("-m", model, "-f", clip, "-n", "3", "--strict", "-otxt", "-of", base);
    expect(run).toMatchObject({ exitCode: 6, results: [] });
    expect(run.notes.at(-1)).toMatch(/refused because of warnings: truncated.*\[doubtful\]/u);
    await expect(readFile(`${base}.txt`)).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("accepts silence, and results without warnings", async () => {
    const silence = join(await temporaryFolder(), "silence.wav");
    await writeFile(silence, wav(new Uint8Array(32_000)));
    expect(await cli(...quick, "-f", clip, silence, "--strict")).toMatchObject({ exitCode: 0 });
  });
});

it("cuts by a VAD model, or names what is wrong with it", async () => {
  const path = join(await temporaryFolder(), "long.wav");
  await writeFile(path, longClip(4));
  const vad = fixture("tiny/fsmn-vad/fsmn-vad.gguf");
  const run = await cli(...quick, "-f", path, "--chunk-seconds", "2", "--vad", vad);
  expect(run.exitCode).toBe(0);
  const wrong = await cli(...quick, "-f", path, "--vad", model);
  expect(wrong).toMatchObject({ exitCode: 3, notes: [expect.stringMatching(/wanted one of fsmn-vad/u)] });
  const none = await cli(...quick, "-f", path, "--chunk-cut", "vad");
  expect(none).toMatchObject({ exitCode: 2, notes: [expect.stringMatching(/option vad/u)] });
});

it("takes the CMVN of a separate file", async () => {
  const folder = fixture("tiny/sensevoice");
  const argv = ["-m", join(folder, "sensevoice-bf16.gguf"), "-f", clip];
  const own = await cli(...argv);
  const given = await cli(...argv, "--am-mvn", join(folder, "am.mvn"));
  expect(given.results).toEqual(own.results);
  expect((await cli(...argv, "--am-mvn", clip)).exitCode).toBe(2);
});
