/** What reaches a terminal: nothing that controls it, tables that fit it, colors unless NO_COLOR is set. */
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { noteText } from "../../src/cli/console.ts";
import { cli } from "../helpers/environment/screen.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { onTerminal } from "../helpers/environment/pseudo-terminal.ts";

const program = fixture("../dist/src/cli/main.js");
const model = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");
const quantized = fixture("tiny/fun-asr-nano/fun-asr-nano-q8_0.gguf");
const clip = fixture("audio/tiny.wav");
const plain = { NO_COLOR: "1" };

/** Writes the clipboard, by C0 and by C1; renames the window; reverses letters; writes over the line. */
const attack =
  "\u001b]52;c;cHduZWQ=\u0007 \u009d52;c;cHduZWQ=\u009c \u001b]0;t\u0007 \u202egpj.exe\u2066 ok\rNO \u2028.";
/** All that a terminal obeys, but for the ends of lines. */
const control = /[^\P{Cc}\t\r\n]|[\p{Bidi_Control}\u2028\u2029]|\r(?!\r*\n)/u;

let folder: string;
let named: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fun-asr-terminal-"));
  named = join(folder, "named.gguf");
  await cli("convert", model, "-o", named, "--name", attack, "--license", attack);
  await writeFile(join(folder, "text.txt"), `Ki, no ${attack.replaceAll(/[\r\u2028]/gu, "")}`);
  await copyFile(clip, join(folder, `${attack.replaceAll("/", "")}.wav`));
  await symlink("/dev/tty", join(folder, "tty.srt"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("nothing controls the terminal", () => {
  const here = (name: string): string => join(folder, name);
  it.each<[string, () => string[], number]>([
    ["metadata, in a list", () => ["inspect", named], 0],
    ["metadata, compared", () => ["compare", named, model], 0],
    ["metadata, as JSON", () => ["inspect", named, "--json"], 0],
    ["the name of a missing file", () => ["inspect", here(`absent ${attack}`)], 2],
    ["the name of an option", () => ["inspect", `--${attack}`, named], 2],
    ["the value of an option", () => ["lens", clip, "-m", model, "--of", attack], 2],
    ["the name of a model", () => ["models", "info", attack], 2],
    [
      "a text with the times of its words",
      () => ["align", "-m", model, "-f", clip, "--text", here("text.txt"), "-np"],
      0,
    ],
    [
      "the same as subtitles on standard output",
      () => ["align", "-m", model, "-f", clip, "--text", here("text.txt"), "-np", "-osrt", "-of", "-"],
      0,
    ],
    [
      "subtitles at the terminal's own path",
      () => [
        "align",
        "-m",
        model,
        "-f",
        clip,
        "--text",
        here("text.txt"),
        "-np",
        "-osrt",
        "-of",
        here("tty"),
      ],
      0,
    ],
    ["words", () => ["hotwords", "--words", attack, "--text", "no", "--explain"], 0],
    [
      "the names of the files of a batch, and progress",
      () => [folder, clip, "-m", model, "--decoder", "ctc"],
      0,
    ],
  ])("%s", async (_, argv, exitCode) => {
    const screen = await onTerminal(argv(), { env: plain });
    // the progress line is ours
    const written = screen.written.replaceAll("\r\u001b[2K", "");
    expect(screen.exitCode, written).toBe(exitCode);
    expect(control.exec(written)?.[0].codePointAt(0)?.toString(16), written).toBeUndefined();
    expect(written.length).toBeGreaterThan(10);
  });

  it("the reason of a server", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () =>
        socket.end(
          Buffer.from("HTTP/1.1 404 \u009d52;c;cHduZWQ=\u009c\r\ncontent-length: 0\r\n\r\n", "latin1"),
        ),
      );
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const { exitCode, written } = await onTerminal(["inspect", `http://127.0.0.1:${port}/m.gguf`], {
      env: plain,
    });
    expect(exitCode, written).not.toBe(0);
    expect(control.exec(written), written).toBeNull();
  });

  it("binary output is refused", async () => {
    const { exitCode, written, lines } = await onTerminal(["convert", model, "-o", "-"]);
    expect(exitCode, written.slice(0, 200)).not.toBe(0);
    expect(written).toContain(
      "/dev/stdout: the file cannot be written: this is a terminal, and the output is no text",
    );
    expect(lines.join("").length).toBeLessThan(300);
  });

  it("stderr is clean also where it is no terminal, stdout has every byte", async () => {
    const { stderr, stdout } = spawnSync(
      process.execPath,
      [program, "hotwords", "--words", attack, "--text", attack, "--json", "--explain"],
      { encoding: "utf8" },
    );
    expect(stderr).toBe("");
    expect((JSON.parse(stdout) as { word: string }[])[0]!.word).toContain("\u009d52");
    const failed = spawnSync(process.execPath, [program, "inspect", join(folder, `absent ${attack}`)], {
      encoding: "utf8",
    });
    expect(failed.stderr).toContain(String.raw`absent \u001b]52;c;cHduZWQ=\u0007 \u009d52;c;`);
    expect(control.exec(failed.stderr)).toBeNull();
  });
});

describe("a note is one, whatever a name in it holds", () => {
  const oneLine = /^[^\n]+\n$/u;
  const failing = (...argv: string[]): string =>
    spawnSync(process.execPath, [program, ...argv], { encoding: "utf8" }).stderr;

  it.each([
    ["the name of a missing file", () => ["inspect", join(folder, "absent\nwrote good.gguf")]],
    ["the name of an option", () => ["inspect", "--a\nwrote good.gguf", named]],
    ["the name of a model", () => ["models", "info", "a\nwrote good.gguf"]],
    ["a missing recording", () => ["-m", model, "--decoder", "ctc", "-np", join(folder, "no\nb.wav")]],
  ])("%s", (_, argv) => {
    const written = failing(...argv());
    expect(written).toContain(String.raw`\u000a`);
    expect(written).toMatch(oneLine);
  });

  it("the name of an output", async () => {
    const { notes } = await cli("convert", model, "-o", join(folder, "a\nb.gguf"));
    expect(notes.at(-1)).toContain(String.raw`a\u000ab.gguf`);
    expect(notes.join("")).not.toContain("\n");
  });

  it("and may have lines of its own", () => {
    expect(noteText("m.gguf: 2 tensors do not fit the model\n  a: missing\n  b: missing")).toBe(
      "m.gguf: 2 tensors do not fit the model\n  a: missing\n  b: missing",
    );
  });
});

describe("tables", () => {
  const widthOf = (lines: readonly string[]): number =>
    Math.max(...lines.map((line) => Array.from(line).length));

  it.each([
    ["compare", ["compare", quantized, model, "--all"], 5],
    ["inspect", ["inspect", model, "--tensors"], 0],
    ["doctor", ["doctor"], 0],
    ["models", ["models"], 0],
    ["help", ["--help"], 0],
    ["help of a command", ["transcribe", "--help"], 0],
  ])("of %s fit 80 columns and 132, and are whole in a pipe", async (_, argv, exitCode) => {
    const env = { ...plain, FUN_ASR_TENSORFLOW: "/nowhere" };
    for (const columns of [80, 132]) {
      const screen = await onTerminal(argv, { env, columns });
      expect(screen.exitCode, screen.written).toBe(exitCode);
      expect(widthOf(screen.lines), screen.lines.join("\n")).toBeLessThanOrEqual(columns);
    }
    const { stdout } = spawnSync(process.execPath, [program, ...argv], {
      encoding: "utf8",
      env: { ...process.env, ...env },
    });
    if (argv[0] === "compare") expect(stdout).toMatch(/^audio_encoder\.encoders0\.0\.\S+weight +Q8_0 \[/mu);
  });
});

describe("colors", () => {
  const argv = ["compare", model, model];

  it("mark good and bad on a terminal", async () => {
    expect((await onTerminal(argv)).lines.join("")).toContain("\u001b[32m");
    const { written } = await onTerminal(["inspect", join(folder, "absent")]);
    expect(written.startsWith("\u001b[31m")).toBe(true);
    expect(written).toContain("[file_not_found]\u001b[0m");
  });

  it.each<[string, object]>([
    ["with NO_COLOR", plain],
    ["on a dumb terminal", { TERM: "dumb" }],
  ])("are absent %s", async (_, env) => {
    const { lines, exitCode } = await onTerminal(argv, { env });
    expect(exitCode).toBe(0);
    expect(lines.join("")).not.toContain("\u001b");
  });

  it("are not written to a file", async () => {
    const path = join(folder, "out.txt");
    await onTerminal(argv, { redirect: `>'${path}'` });
    expect(await readFile(path, "utf8")).toMatch(/^\d+ of \d+ tensors are equal, 0 keys differ\n$/u);
  });
});
