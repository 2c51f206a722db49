/** `fun-asr listen` with programs that take the place of a recorder, and with standard input. */
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { loadAudio } from "../../src/audio/container.ts";
import type { LiveEvent, LiveFinal, LivePartial } from "../../src/live/events.ts";
import { runCli } from "../../src/cli/program.ts";
import { render } from "../../src/cli/content.ts";
import type { Content } from "../../src/cli/content.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { cli, cliReading } from "../helpers/environment/screen.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

const model = ["-m", fixture("../models/demo/fun-asr-demo-q8_0.gguf")];
const text = "My brother left the keyboard at the bookstore.";

/** The clip as raw 16-bit samples. */
let raw: Uint8Array;
beforeAll(async () => {
  const { samples } = await loadAudio(fixture("audio/demo/en-travel.wav"));
  raw = new Uint8Array(Int16Array.from(samples, (sample) => Math.round(sample * 32_767)).buffer);
});

const eventsOf = (lines: readonly string[]): LiveEvent[] =>
  lines.map((line) => JSON.parse(line) as LiveEvent);
const textsOf = (lines: readonly string[]): string[] =>
  eventsOf(lines).flatMap((event) => (event.event === "final" ? [event.text] : []));

/** A folder with the clip, and programs by their names; it alone is searched for programs. */
async function machine(programs: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "clip.raw"), raw);
  await mkdir(join(folder, "bin"));
  for (const [name, script] of Object.entries(programs)) {
    await writeFile(join(folder, "bin", name), `#!/bin/sh\nPATH=/usr/bin:/bin\ncd '${folder}'\n${script}\n`);
    await chmod(join(folder, "bin", name), 0o755);
  }
  const before = process.env["PATH"];
  process.env["PATH"] = join(folder, "bin");
  onTestFinished(() => void (process.env["PATH"] = before));
  return folder;
}

describe("the microphone", () => {
  it("is read by the first program that works", async () => {
    const folder = await machine({
      "pw-record": "echo no sound server >&2; exit 1",
      parec: `echo "$@" > arguments; cat clip.raw`,
      arecord: "echo never >> arguments",
    });
    const { exitCode, results, notes } = await cli("listen", ...model);
    expect([exitCode, notes]).toEqual([0, []]);
    expect(eventsOf(results)[0]).toMatchObject({ event: "speech_started", id: 0 });
    expect(textsOf(results)).toEqual([text]);
    expect(await readFile(join(folder, "arguments"), "utf8")).toBe(
      "--raw --format=s16le --rate=16000 --channels=1 --latency-msec=50\n",
    );
  });

  it("is missing where none works, with the reason of each", async () => {
    await machine({ "pw-record": "echo no sound server >&2; exit 1", sox: "exit 0" });
    const { exitCode, results, notes } = await cli("listen", ...model);
    expect([exitCode, results]).toEqual([1, []]);
    expect(notes[0]).toContain("pw-record: no sound server (exit code 1); parec is not installed");
    expect(notes[0]).toContain("sox: it ended without sound");
    expect(notes[0]).toContain("[no_microphone]");
    const only = await cli("listen", "--mic", "arecord", ...model);
    expect(only.notes[0]).not.toContain("pw-record");
  });

  it("can be listed", async () => {
    const folder = await machine({ arecord: "exit 0" });
    const { exitCode, results } = await cli("listen", "--mic", "list");
    expect(exitCode).toBe(0);
    expect(results[0]).toContain(`arecord    ${folder}/bin/arecord -q -t raw -f S16_LE`);
    expect(results[0]).toContain("ffmpeg     not installed");
  });

  it("is what a command writes, which may fail later", async () => {
    const folder = await machine();
    const command = `PATH=/usr/bin:/bin; cat '${folder}/clip.raw'; echo unplugged >&2; exit 3`;
    const { exitCode, notes } = await cli("listen", "--mic-command", command, ...model);
    expect(exitCode).toBe(1);
    expect(notes.at(-1)).toContain("--mic-command: unplugged (exit code 3)");
  });
});

describe("Ctrl-C", () => {
  it("ends the utterance and writes", async () => {
    const folder = await machine();
    const results: string[] = [];
    let stopped = false;
    const screen = {
      result: (content: Content) => {
        const line = render(content);
        results.push(line);
        const event = JSON.parse(line) as LiveEvent;
        if (event.event === "partial" && event.end > 2 && !stopped) process.emit("SIGINT");
        stopped ||= event.event === "partial" && event.end > 2;
      },
      note: () => {},
      progress: () => {},
    };
    const command = `PATH=/usr/bin:/bin; cat '${folder}/clip.raw'; sleep 1000`;
    const base = join(folder, "talk");
    const argv = ["listen", "--mic-command", command, "-osrt", "-of", base, ...model];
    expect(await runCli(argv, screen)).toBe(0);
    expect(textsOf(results)).toEqual([text]);
    expect(await readFile(`${base}.srt`, "utf8")).toContain("My brother left the keyboard");
  });
});

describe("standard input", () => {
  it("is raw samples, in pieces of any length; outputs hold each utterance", async () => {
    const folder = await temporaryFolder();
    const silence = new Uint8Array(32_000);
    const pieces: Uint8Array[] = [];
    for (const part of [raw, silence, raw, silence])
      for (let at = 0; at < part.length; at += 1001) pieces.push(part.subarray(at, at + 1001));
    const base = join(folder, "talk");
    const { exitCode, results } = await cliReading(
      pieces,
      "listen",
      "-",
      "-otxt",
      "-ojf",
      "-of",
      base,
      "--chunk-pause",
      "0.6",
      "--tick",
      "0.5",
      ...model,
    );
    expect(exitCode).toBe(0);
    expect(textsOf(results)).toEqual([text, text]);
    expect(await readFile(`${base}.txt`, "utf8")).toBe(`${text} ${text}\n`);
    const json = JSON.parse(await readFile(`${base}.json`, "utf8")) as {
      readonly segments: readonly LiveFinal[];
      readonly duration: number;
    };
    expect(json.segments.map(({ id }) => id)).toEqual([0, 1]);
    expect(json.segments[0]!.words!.length).toBe(8);
    expect(json.duration).toBeCloseTo((2 * raw.length + 2 * silence.length) / 32_000, 2);
  });

  it("gives the draft as the final text, where it is asked for", async () => {
    const { results } = await cliReading([raw], "listen", "-", "--final", "draft", ...model);
    const [final] = textsOf(results);
    expect(final!.toLowerCase().replaceAll(/\W/gu, "")).toBe(text.toLowerCase().replaceAll(/\W/gu, ""));
    expect(results).not.toContain('"tokens":[1');
  });

  it("gets marks in final texts from --punc-model", async () => {
    const paraformer = ["-m", fixture("tiny/paraformer/paraformer-bf16.gguf")];
    const listen = async (...argv: string[]): Promise<string> =>
      textsOf((await cliReading([raw], "listen", "-", ...paraformer, ...argv)).results).join("");
    const marked = await listen("--punc-model", fixture("tiny/ct-punc"));
    expect(marked).not.toBe(await listen());
    expect(marked).toMatch(/[，。？、,.?]/u);
  });

  it("has the rate of --pcm, and one output on standard output", async () => {
    const half = raw.subarray(0, raw.length / 2 - (raw.length % 4));
    const argv = ["-", "--pcm", "8000", "--decoder", "ctc", ...model];
    const { exitCode, results } = await cliReading([half], "listen", ...argv);
    expect(exitCode).toBe(0);
    expect(eventsOf(results).at(-1)).toMatchObject({
      event: "final",
      end: expect.closeTo(2.88, 1) as number,
    });
    let written = "";
    const write = vi.spyOn(process.stdout, "write").mockImplementation((bytes, done) => {
      written += new TextDecoder().decode(bytes as Uint8Array);
      (done as unknown as () => void)();
      return true;
    });
    const alone = await cliReading([raw], "listen", "-", "-otxt", "-of", "-", ...model);
    write.mockRestore();
    expect([alone.exitCode, alone.results, written]).toEqual([0, [], `${text}\n`]);
  });
});

describe("a terminal", () => {
  it("shows the text while it grows in one line, cut at its beginning, and then the final text", async () => {
    const shown: string[] = [];
    const screen = {
      showsResults: true,
      columns: 24,
      result: (content: Content) => void shown.push(render(content)),
      note: () => {},
      progress: (line: string) => void shown.push(`> ${line}`),
    };
    async function* bytes(): AsyncGenerator<Uint8Array> {
      yield raw;
    }
    expect(await runCli(["listen", "-", ...model], screen, bytes())).toBe(0);
    expect(shown).toContain(text);
    const lines = shown.filter((line) => line.startsWith("> "));
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.every((line) => line.length <= 25)).toBe(true);
    shown.length = 0;
    const plain = [
      "-np",
      "-l",
      "en",
      "--vad",
      fixture("tiny/fsmn-vad/fsmn-vad.gguf"),
      "--chunk-cut",
      "quiet",
    ];
    expect(await runCli(["listen", "-", ...plain, ...model], screen, bytes())).toBe(0);
    expect(shown.filter((line) => line !== "> ")).toEqual([text]);
    shown.length = 0;
    expect(await runCli(["listen", "-", "--json-lines", ...model], screen, bytes())).toBe(0);
    const partials = eventsOf(shown.filter((line) => line.startsWith("{"))).filter(
      (event): event is LivePartial => event.event === "partial",
    );
    expect(partials.length).toBeGreaterThan(0);
  });
});

describe("what does not go together", () => {
  it.each([
    [["talk.wav"], "reads files"],
    [["-", "--mic", "sox"], "--mic"],
    [["--pcm", "8000"], "--pcm"],
    [["--mic", "sox", "--mic-command", "cat"], "--mic"],
    [["-", "--json-lines", "-otxt", "-of", "-"], "--json-lines"],
    [["--mic", "winamp"], "pw-record"],
  ])("is refused: %j", async (argv, found) => {
    const { exitCode, notes } = await cliReading([], "listen", ...argv, ...model);
    expect(exitCode).toBe(2);
    expect(notes.join("\n")).toContain(found);
  });
});
