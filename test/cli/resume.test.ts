/** Interrupted runs of `transcribe`: what they leave, and that `--resume` ends with the bytes of an unbroken run. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../../src/cli/program.ts";
import { tinySamples } from "../helpers/builders/speech.ts";
import { uniform } from "../helpers/builders/random.ts";
import { wav } from "../helpers/builders/wav.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { isTemporary } from "../helpers/environment/outputs.ts";
import { schemaErrors } from "../helpers/environment/schema.ts";
import { cli } from "../helpers/environment/screen.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";
import { untimed } from "../helpers/environment/untimed.ts";

const program = fixture("../dist/src/cli/main.js");
const model = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");
const vad = fixture("tiny/fsmn-vad/fsmn-vad.gguf");
const formats = ["txt", "jf", "srt", "vtt", "lrc", "tsv", "csv", "textgrid", "ctm", "rttm"];
const all = formats.map((name) => `-o${name}`);
const shared = ["-m", model, "-np", "-n", "4", ...all, "--threads", "1"];
const quiet = ["--chunk-seconds", "2", "--chunk-pause", "0.5", "--chunk-overlap", "0.5"];
const byVad = ["--chunk-seconds", "2", "--vad", vad];

let folder: string;
const at = (...names: string[]): string => join(folder, ...names);
beforeEach(async () => {
  folder = await temporaryFolder();
});

/** The clip again and again, each a little quieter; two of three have no pause behind them, so that speech is cut. */
async function recording(name: string, times: number): Promise<string> {
  const clip = tinySamples();
  const pieces: number[] = [];
  for (let i = 0; i < times; i++) {
    for (const value of clip) pieces.push(Math.round(value * 32_768 * (1 - i / (4 * times))));
    if (i % 3 === 2) for (let silent = 0; silent < 12_000; silent++) pieces.push(0);
  }
  await writeFile(at(name), wav(new Uint8Array(Int16Array.from(pieces).buffer)));
  return at(name);
}

interface Ended {
  readonly code: number | null;
  readonly notes: string;
  /** Lines on stdout, where the run was not stopped. */
  readonly events: number;
}

/** Runs the program to its end, or until `stop` settles; then sends the signal. */
async function run(
  argv: readonly string[],
  stop?: (child: ReturnType<typeof spawn>) => Promise<unknown>,
  signal: NodeJS.Signals = "SIGINT",
): Promise<Ended> {
  const child = spawn(process.execPath, [program, ...argv], { stdio: ["ignore", "pipe", "pipe"] });
  let notes = "";
  let count = 0;
  child.stderr.setEncoding("utf8").on("data", (text: string) => void (notes += text));
  const ended = once(child, "close");
  if (stop === undefined)
    child.stdout.setEncoding("utf8").on("data", (text: string) => void (count += eventsIn(text)));
  else {
    await Promise.race([stop(child), ended]);
    child.stdout.resume();
    child.kill(signal);
  }
  const [code] = (await ended) as [number | null];
  return { code, notes, events: count };
}

/** Waits for so many events, printed as JSON lines; what follows is read, too. */
const events =
  (count: number) =>
  (child: ReturnType<typeof spawn>): Promise<void> =>
    new Promise((resolve) => {
      let found = 0;
      child.stdout!.setEncoding("utf8").on("data", (text: string) => {
        found += eventsIn(text);
        if (found >= count) resolve();
      });
      if (count === 0) resolve();
    });

const eventsIn = (text: string): number => (text.match(/\n/gu) ?? []).length;

/** The files of a folder: JSON without its times of work, all others as they are. */
async function contents(path: string): Promise<Map<string, string>> {
  const names = (await readdir(path)).toSorted().filter((name) => !isTemporary(name));
  const texts = names.map(async (name) => {
    const text = await readFile(join(path, name), "utf8");
    return [name, name.endsWith(".json") ? untimed(JSON.parse(text) as object) : text] as const;
  });
  return new Map(await Promise.all(texts));
}

describe.each([
  ["one file, cut where it is quiet", 1, quiet],
  ["one file, cut by a VAD model", 1, byVad],
  ["several files", 4, quiet],
])("%s", (_, count, cut) => {
  it("killed at random moments again and again ends with the bytes of an unbroken run", async () => {
    const names: string[] = [];
    for (let i = 0; i < count; i++) names.push(await recording(`talk${i}.wav`, 6 + Math.ceil(24 / count)));
    const argv = [...names, ...shared, ...cut, "--json-lines", "--output-dir"];
    await mkdir(at("whole"));
    const lines = await run([...argv, at("whole")]);
    expect(lines.code).toBe(0);
    const whole = await contents(at("whole"));
    expect(whole.size).toBe(formats.length * count);
    const { segments } = JSON.parse(whole.get("talk0.json")!) as { segments: unknown[] };
    expect(segments.length).toBeGreaterThan(4);

    const random = uniform(count + cut.length);
    const signals = ["SIGKILL", "SIGKILL", "SIGINT", "SIGTERM"] as const;
    const codes = { SIGKILL: null, SIGINT: 130, SIGTERM: 143 };
    let kills = 0;
    let windows = 0;
    for (let end = false; !end;) {
      const signal = signals[Math.floor(random() * signals.length)]!;
      // the first kill is at the second segment, so that there is something to take; the others are anywhere
      const after = kills === 0 ? 2 : Math.floor(random() * lines.events);
      const later = kills === 0 ? 0 : 100 * random();
      const stop = (child: ReturnType<typeof spawn>): Promise<unknown> =>
        events(after)(child).then(() => sleep(later));
      const { code, notes } = await run([...argv, at("out"), "--resume"], stop, signal);
      end = code === 0;
      if (!end && code !== codes[signal] && code !== null) expect({ code, notes }).toBe("a signal");
      windows += Number(/goes on behind (\d+) windows/u.exec(notes)?.[1] ?? 0);
      if (!end) kills++;
      expect(kills).toBeLessThan(60);
    }
    expect(await contents(at("out"))).toEqual(whole);
    expect(kills).toBeGreaterThan(0);
    expect(windows).toBeGreaterThan(0);
  }, 400_000);
});

describe("an interrupted run", { timeout: 240_000 }, () => {
  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const)(
    "by %s keeps what is final in partial files, which --resume completes",
    async (signal, code) => {
      const name = await recording("talk.wav", 30);
      const argv = [name, ...shared, ...quiet, "--json-lines"];
      const first = await run(argv, events(4), signal);
      expect(first.code).toBe(code);
      expect(first.notes).toMatch(
        /talk\.wav: the text up to 00:00:\d\d\.\d{3} is kept in .*partial\.txt.*\ninterrupted\n$/su,
      );
      const partial = await contents(folder);
      const extensions = "TextGrid csv ctm json jsonl lrc rttm srt tsv txt vtt".split(" ");
      expect([...partial.keys()].toSorted()).toEqual([
        ...extensions.map((extension) => `talk.partial.${extension}`),
        "talk.wav",
      ]);
      const json = JSON.parse(await readFile(at("talk.partial.json"), "utf8")) as {
        readonly segments: readonly object[];
        readonly warnings: readonly object[];
      };
      expect(schemaErrors(json)).toBeNull();
      expect(json.segments.length).toBeGreaterThanOrEqual(4);
      expect(json.warnings).toEqual([{ code: "interrupted", message: expect.any(String) as string }]);

      const second = await run([...argv, "--resume"]);
      expect(second.code).toBe(0);
      expect(second.notes).toMatch(/^\S+talk\.wav: goes on behind \d+ windows of the interrupted run$/mu);
      const whole = await contents(folder);
      expect([...whole.keys()].filter((file) => file.includes("partial"))).toEqual([]);
      for (const extension of ["txt", "ctm", "rttm"]) {
        const [part, complete] = [partial.get(`talk.partial.${extension}`)!, whole.get(`talk.${extension}`)!];
        expect(part.length).toBeGreaterThan(10);
        expect(complete.startsWith(part.trimEnd())).toBe(true);
      }
    },
  );

  it("leaves no file where no window was recognized", async () => {
    await copyFile(fixture("audio/tiny.wav"), at("short.wav"));
    const argv = [at("short.wav"), ...shared, "--json-lines", "--partials"];
    const ended = await run(argv, (child) => once(child.stdout!, "data"));
    expect([0, 130]).toContain(ended.code);
    expect((await readdir(folder)).filter((name) => name.includes("partial"))).toEqual([]);
  });

  it("is begun again without --resume", async () => {
    const name = await recording("talk.wav", 12);
    const argv = [name, ...shared, ...quiet, "--json-lines"];
    await run(argv, events(2));
    const journal = await readFile(at("talk.partial.jsonl"), "utf8");
    const again = await run(argv);
    expect(again.notes).not.toContain("goes on");
    expect(again.code).toBe(0);
    expect(journal.split("\n").length).toBeGreaterThan(2);
    expect((await readdir(folder)).filter((file) => file.includes("partial"))).toEqual([]);
  });

  it("of several files does not transcribe again what it has finished, unless that has changed", async () => {
    const [a, b, c] = [
      await recording("a.wav", 3),
      await recording("b.wav", 12),
      await recording("c.wav", 12),
    ];
    const argv = [a, b, c, "-m", model, "-np", "--decoder", "ctc", "-osrt", ...quiet, "--json-lines"];
    const file =
      (name: string) =>
      async (child: ReturnType<typeof spawn>): Promise<void> => {
        let text = "";
        for await (const piece of child.stdout!.setEncoding("utf8")) {
          text += String(piece);
          if (new RegExp(`"event":"segment","file":"[^"]*${name}","id":2`, "u").test(text)) return;
        }
      };
    await run(argv, file("b.wav"), "SIGKILL");
    expect((await readdir(folder)).toSorted()).toEqual([
      "a.srt",
      "a.wav",
      "b.partial.jsonl",
      "b.wav",
      "c.wav",
    ]);
    const { mtimeMs } = await stat(at("a.srt"));
    const second = await run([...argv, "--resume"], file("c.wav"), "SIGKILL");
    expect(second.notes).toMatch(
      /a\.wav: finished by the interrupted run\n.*b\.wav: goes on behind \d+ windows/su,
    );
    expect((await stat(at("a.srt"))).mtimeMs).toBe(mtimeMs);

    await recording("a.wav", 4);
    const third = await run([...argv, "--resume"]);
    expect(third).toMatchObject({ code: 0 });
    expect(third.notes).not.toContain("a.wav: finished");
    expect(third.notes).toContain("b.wav: finished by the interrupted run");
    expect((await readdir(folder)).toSorted()).toEqual([
      "a.srt",
      "a.wav",
      "b.srt",
      "b.wav",
      "c.srt",
      "c.wav",
    ]);
    await mkdir(at("fresh"));
    expect(await run([...argv, "--output-dir", at("fresh")])).toMatchObject({ code: 0 });
    for (const name of ["a.srt", "b.srt", "c.srt"])
      expect(await readFile(at(name), "utf8")).toBe(await readFile(at("fresh", name), "utf8"));
  });

  it("of standard input that is silent keeps what is final", async () => {
    const name = await recording("talk.wav", 30);
    const child = spawn(process.execPath, [program, "-", ...shared, ...quiet, "--output-dir", folder], {
      stdio: ["pipe", "ignore", "pipe"],
    });
    const bytes = await readFile(name);
    child.stdin.on("error", () => {}); // it ends before it has read all
    child.stdin.write(bytes.subarray(0, bytes.length / 2));
    for (let waited = 0; waited < 60_000; waited += 50) {
      const text = await readFile(at("stdin.partial.jsonl"), "utf8").catch(() => "");
      if (text.split("\n").length > 4) break;
      await sleep(50);
    }
    const ended = once(child, "close");
    child.kill("SIGTERM");
    expect(await ended).toEqual([143, null]);
    expect(await readFile(at("stdin.partial.srt"), "utf8")).toContain(" --> ");
  });

  it("by audio that ends in an error keeps what is final before that", async () => {
    const bytes = await readFile(await recording("talk.wav", 30));
    async function* torn(): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, bytes.length / 2);
      throw new Error("the line is dead");
    }
    const notes: string[] = [];
    const screen = { result: () => {}, note: (text: string) => void notes.push(text), progress: () => {} };
    const argv = ["-", ...shared, ...quiet, "--output-dir", folder];
    expect(await runCli(argv, screen, torn())).not.toBe(0);
    expect(notes.join("\n")).toMatch(/stdin: the text up to .* is kept in .*\n.*the line is dead/su);
    expect(await readFile(at("stdin.partial.srt"), "utf8")).toContain(" --> ");
    async function* mended(): AsyncGenerator<Uint8Array> {
      yield bytes;
    }
    expect(await runCli([...argv, "--resume"], screen, mended())).toBe(0);
    expect(notes.join("\n")).toMatch(/goes on behind \d+ windows/u);
    expect((await readdir(folder)).filter((file) => file.includes("partial"))).toEqual([]);
  });
});

describe("--resume", { timeout: 240_000 }, () => {
  async function interrupted(): Promise<string[]> {
    const name = await recording("talk.wav", 12);
    const argv = [name, "-m", model, "-np", "-n", "4", "-osrt", ...quiet];
    await run([...argv, "--json-lines"], events(2));
    await readFile(at("talk.partial.jsonl"));
    return argv;
  }

  it("refuses another model and other options, by their names, and changes nothing", async () => {
    const argv = await interrupted();
    const other = fixture("tiny/fun-asr-nano/fun-asr-nano-q8_0.gguf");
    await writeFile(at("words.txt"), "one\n");
    const before = await contents(folder);
    for (const [changed, what] of [
      [["-l", "zh"], "another language;"],
      [["-m", other], "another model, model file;"],
      [["--hotwords-file", at("words.txt")], "another hotwords file;"],
      [["--seed", "3"], "another seed;"],
    ] as const) {
      const result = await cli(...argv, ...changed, "--resume");
      expect(result).toMatchObject({ exitCode: 2, results: [] });
      expect(result.notes.join("\n")).toMatch(
        new RegExp(`an interrupted run with ${what}.*\\[bad_option\\]`, "su"),
      );
      expect(await contents(folder)).toEqual(before);
    }
  });

  it("goes on with other output formats, and where a line was not written to its end", async () => {
    const argv = await interrupted();
    const path = at("talk.partial.jsonl");
    const text = await readFile(path, "utf8");
    await writeFile(path, text.slice(0, -20));
    const result = await cli(...argv, "-ovtt", "--resume");
    expect(result.exitCode).toBe(0);
    const windows = text.trimEnd().split("\n").length - 2;
    expect(result.notes[0]).toContain(`goes on behind ${windows} windows`);
    await cli(...argv, "-ovtt", "--output-dir", at("fresh"));
    for (const name of ["talk.srt", "talk.vtt"])
      expect(await readFile(at(name), "utf8")).toBe(await readFile(at("fresh", name), "utf8"));
  });

  it("begins again where nothing of use was written", async () => {
    const argv = await interrupted();
    for (const text of ["", '{"interr', '{"interrupted":"fun-asr transcribe","recog']) {
      await writeFile(at("talk.partial.jsonl"), text);
      const result = await cli(...argv, "--resume");
      expect(result.exitCode).toBe(0);
      expect(result.notes.join()).not.toContain("goes on");
      await rm(at("talk.srt"));
    }
  });

  it("leaves a foreign file in the place of its own", async () => {
    const argv = await interrupted();
    for (const flags of [[], ["--resume"], ["--skip-existing"]]) {
      await writeFile(at("talk.partial.jsonl"), '{"mine":1}\n');
      const result = await cli(...argv, ...flags);
      expect(result).toMatchObject({ exitCode: 2, results: [] });
      expect(result.notes.join()).toContain("not a file of an interrupted run");
      expect(await readFile(at("talk.partial.jsonl"), "utf8")).toBe('{"mine":1}\n');
    }
  });
});
