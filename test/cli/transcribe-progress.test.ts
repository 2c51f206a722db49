/** Progress on stderr: what it states, that it fits any terminal, and its lines where there is none. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { lengthOf } from "../../src/audio/container.ts";
import { terminal } from "../../src/cli/console.ts";
import { ProgressDisplay } from "../../src/cli/transcribe-progress.ts";
import type { ProgressKind } from "../../src/cli/transcribe-progress.ts";
import { columnsOf } from "../../src/text/columns.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

const program = fixture("../dist/src/cli/main.js");
const model = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");
const clip = fixture("audio/tiny.wav");

interface Shown {
  readonly progress: string[];
  readonly notes: string[];
  readonly forced: boolean[];
}

/** A display with a clock, on a screen of so many columns. */
function display(
  kind: ProgressKind,
  columns: number | undefined,
  clock: () => number,
): Shown & { readonly shown: ProgressDisplay } {
  const [progress, notes, forced]: [string[], string[], boolean[]] = [[], [], []];
  const screen = {
    columns,
    result: () => {},
    note: (text: string) => void notes.push(text),
    progress(text: string, isForced = false) {
      progress.push(text);
      forced.push(isForced);
    },
  };
  return { progress, notes, forced, shown: new ProgressDisplay(kind, screen, clock) };
}

const file = { place: "2/5 ", name: "talks/talk.mp4", from: 0, until: Infinity };
const at = (seconds: number): { stage: "encode"; done: number; total: number; seconds: number } => ({
  stage: "encode",
  done: 1,
  total: 2,
  seconds,
});

describe("the line on a terminal", () => {
  it("has file, position of length, speed and remaining time", async () => {
    let now = 0;
    const { shown, progress } = display("auto", 100, () => now);
    shown.step({ stage: "encode", done: 1, total: 4 });
    expect(progress.at(-1)).toBe("encode   █████░░░░░░░░░░░░░░░ 1/4");
    shown.begin(file, Promise.resolve(3600));
    await Promise.resolve();
    shown.step({ stage: "encode", done: 1, total: 4 });
    expect(progress.at(-1)).toBe("2/5 talks/talk.mp4 encode   █████░░░░░░░░░░░░░░░ 1/4");
    shown.step(at(0));
    now = 10_000;
    shown.step(at(90));
    expect(progress.at(-1)).toBe(
      "2/5 talks/talk.mp4 █░░░░░░░░░░░░░░░░░░░ 00:01:30 of 01:00:00 9.0x 00:06:30 left encode",
    );
    now = 20_000; // within the window: ten seconds less remain
    shown.step(at(90));
    expect(progress.at(-1)).toContain("9.0x 00:06:20 left");
    shown[Symbol.dispose]();
    expect(progress.at(-1)).toBe("");
  });

  it("measures the speed from where a resumed run goes on, and ends with the part that is wanted", async () => {
    let now = 0;
    const { shown, progress } = display("auto", 100, () => now);
    shown.begin({ ...file, from: 600, until: 1200 }, Promise.resolve(3600));
    await Promise.resolve();
    shown.step(at(1000)); // 600 to 1000 s were taken
    now = 10_000;
    shown.step(at(1100));
    expect(progress.at(-1)).toContain("00:18:20 of 00:20:00 10.0x 00:00:10 left");
    expect(progress.at(-1)).toMatch(/ █{17}░{3} /u); // 500 s of 600
  });

  it("does without a length that nobody knows", () => {
    let now = 0;
    const { shown, progress } = display("auto", 100, () => now);
    shown.begin({ ...file, place: "" }, Promise.reject(new Error("no headers")));
    shown.step(at(0));
    now = 1000;
    shown.step(at(250));
    expect(progress.at(-1)).toBe("talks/talk.mp4 00:04:10 250x encode");
  });

  it.each([
    "talk.mp4",
    `talks/${"long-".repeat(40)}end.mp4`,
    `会议/${"长名字".repeat(40)}.mp4`,
    "😀".repeat(60),
  ])("fits every width with the file %s, and shows what it can", async (name) => {
    for (let columns = 1; columns <= 200; columns++) {
      let now = 0;
      const { shown, progress } = display("auto", columns, () => now);
      shown.begin({ ...file, name }, Promise.resolve(3600));
      await Promise.resolve();
      shown.step({ stage: "encode", done: 1, total: 4 });
      shown.step(at(0));
      now = 10_000;
      shown.step(at(90));
      const line = progress.at(-1)!;
      const widest = Math.max(...progress.map(columnsOf));
      expect(widest).toBeLessThan(Math.max(columns, 30)); // the screen cuts what no part can be left out of
      if (columns >= 40) expect(line).toContain("00:01:30 of 01:00:00");
      if (columns >= 60) expect(line).toContain("9.0x 00:06:30 left");
      if (columns >= 60)
        expect(line).toContain(name.length < 20 ? name : Array.from(name).slice(-4).join(""));
      if (columns >= 80) expect(line).toMatch(/[█░]{20}/u);
    }
  });
});

describe("lines", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("come every 10 s where there is no terminal", async () => {
    let now = 0;
    const { shown, progress, notes } = display("auto", undefined, () => now);
    const pass = async (seconds: number): Promise<void> => {
      now += 1000 * seconds;
      await vi.advanceTimersByTimeAsync(1000 * seconds);
    };
    shown.step({ stage: "encode", done: 1, total: 4 });
    await pass(9);
    expect(notes).toEqual([]);
    await pass(1);
    expect(notes).toEqual(["encode 1/4"]);
    shown.begin(file, Promise.resolve(3600));
    await pass(10);
    shown.step({ stage: "encode", done: 2, total: 4 });
    await pass(10);
    shown.step(at(0));
    await pass(10);
    shown.step(at(90));
    await pass(10);
    expect(notes.slice(1)).toEqual([
      "2/5 talks/talk.mp4: reading audio",
      "2/5 talks/talk.mp4: encode 2/4",
      "2/5 talks/talk.mp4: 00:00:00 of 01:00:00 (0 %)",
      "2/5 talks/talk.mp4: 00:01:30 of 01:00:00 (2 %), 9.0x real time, 00:06:20 left",
    ]);
    expect(progress).toEqual([]);
    shown[Symbol.dispose]();
    await pass(100);
    expect(notes).toHaveLength(5);
  });

  it.each([
    ["bar", undefined, [true, true], 0],
    ["lines", 80, [], 1],
    ["none", 80, [], 0],
    ["none", undefined, [], 0],
  ] as const)("with %s on %s columns", async (kind, columns, forced, lines) => {
    const made = display(kind, columns, () => 0);
    made.shown.step(at(1));
    await vi.advanceTimersByTimeAsync(10_000);
    made.shown[Symbol.dispose]();
    expect(made.forced).toEqual(forced);
    expect(made.notes).toHaveLength(lines);
  });
});

describe("the program", () => {
  it.each([
    [
      "writes a line after 10 s where stderr is no terminal",
      [],
      50,
      /^(?:load \d+\/\d+\n)?(?:stdin: reading audio\n)+/u,
    ],
    ["writes none with -np", ["-np"], 15, /^$/u],
  ] as const)("%s", async (_, flags, seconds, wanted) => {
    const argv = ["-", "-m", model, "--decoder", "ctc", ...flags];
    const child = spawn(process.execPath, [program, ...argv], { stdio: ["pipe", "pipe", "pipe"] });
    let notes = "";
    child.stdout.resume();
    child.stderr.setEncoding("utf8").on("data", (text: string) => void (notes += text));
    const ended = once(child, "close");
    const bytes = await readFile(clip);
    child.stdin.write(bytes.subarray(0, 1000));
    for (let waited = 0; waited < 1000 * seconds && !notes.includes("stdin"); waited += 100) await sleep(100);
    child.stdin.end(bytes.subarray(1000));
    expect(await ended).toEqual([0, null]);
    expect(notes).toMatch(wanted);
  });

  it("keeps its line within the width of the terminal", async () => {
    const folder = await temporaryFolder();
    const name = join(folder, `${"long-name-".repeat(12)}.wav`);
    await copyFile(clip, name);
    const command = [process.execPath, program, name, "-m", model, "-n", "3"].join(" ");
    const child = spawn("script", ["-qec", `stty cols 47; ${command}`, "/dev/null"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (piece: string) => void (text += piece));
    await once(child, "close");
    const lines = text.split("\r\u001B[2K").filter((line) => /^\S*(?:load|long-name)/u.test(line));
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) {
      if (!line.includes(": ")) expect(columnsOf(line)).toBeLessThan(47);
    }
  });
});

describe("the length of a file", () => {
  it.each([
    ["audio/tiny.wav", 0.76],
    ["audio/demo/zh-long.wav", 59.58],
  ])("of %s is known from its header", async (name, seconds) => {
    expect(await lengthOf(fixture(name))).toBeCloseTo(seconds, 1);
  });

  it("is that of its samples where the header is wrong, and unknown where there is none", async () => {
    const path = join(await temporaryFolder(), "cut.wav");
    const bytes = await readFile(clip);
    await writeFile(path, bytes.subarray(0, 44 + 16_000));
    expect(await lengthOf(path)).toBeCloseTo(0.5, 5);
    await expect(lengthOf(fixture("../LICENSE"))).rejects.toMatchObject({ code: "not_audio" });
  });
});

it("is in lines on a terminal that cannot clear a line", () => {
  const before = Object.getOwnPropertyDescriptor(process.stderr, "isTTY");
  onTestFinished(() => {
    vi.unstubAllEnvs();
    Object.defineProperty(process.stderr, "isTTY", before ?? { value: undefined, configurable: true });
  });
  Object.defineProperty(process.stderr, "isTTY", { value: true, configurable: true });
  vi.stubEnv("TERM", "dumb");
  expect(terminal().columns).toBeUndefined();
  vi.stubEnv("TERM", "xterm");
  expect(terminal().columns).toBeGreaterThan(0);
});

it("cuts a line that is asked for to 79 columns where stderr has no width", () => {
  const written: string[] = [];
  const write = vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  onTestFinished(() => write.mockRestore());
  expect(process.stderr.columns).toBeUndefined();
  terminal().progress("x".repeat(100), true);
  expect(written).toEqual([`${"x".repeat(78)}…`]);
});
