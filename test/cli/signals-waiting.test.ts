/**
 * Every command that opens a model, while a server does not answer: each signal ends it soon, with its exit code, and leaves
 * the earlier output as it was and nothing beside it. signals.test.ts has the commands that write while they work.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { isTemporary } from "../helpers/environment/outputs.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

const program = fixture("../dist/src/cli/main.js");
const clip = fixture("audio/tiny.wav");
const text = fixture("../LICENSE");
const archive = fixture("reference/fun-asr-nano.safetensors");
const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGQUIT: 131 } as const;

/** The arguments with a model's address and an output; the output has the ending that the command gives it. */
const table: Readonly<Record<string, (model: string, output: string) => string[]>> = {
  transcribe: (model, output) => [clip, "-m", model, "-osrt", "-of", output],
  listen: (model, output) => ["listen", "--mic-command", "sleep 9", "-m", model, "-osrt", "-of", output],
  serve: (model) => ["serve", "-m", model, "--port", "0"],
  align: (model, output) => ["align", "-f", clip, "-m", model, "--text", text, "-osrt", "-of", output],
  ctc: (model, output) => ["ctc", "-f", clip, "-m", model, "--html", `${output}.srt`],
  pull: (model) => ["pull", model],
  convert: (model, output) => ["convert", model, "-o", `${output}.srt`],
  quantize: (model, output) => ["quantize", model, `${output}.srt`, "-t", "q8_0"],
  inspect: (model) => ["inspect", model],
  verify: (model) => ["verify", "-m", model],
  compare: (model) => ["compare", model, model],
  dump: (model, output) => ["dump", clip, "-m", model, "--format", "npz", "-o", `${output}.srt`],
  diff: (model, output) => ["diff", archive, clip, "-m", model, "--html", `${output}.srt`],
  patch: (model) => ["patch", clip, "-m", model, "--at", "audio_adaptor", "--from", archive],
  ablate: (model) => ["ablate", clip, "-m", model, "--at", "audio_adaptor"],
  lens: (model) => ["lens", clip, "-m", model, "--of", "ctc"],
  report: (model, output) => ["report", "-f", clip, "-m", model, "-o", `${output}.srt`],
  bench: (model) => ["bench", clip, "-m", model],
  doctor: (model) => ["doctor", "--gpu", "-m", model],
};
/** What opens a model in other ways than the command alone. */
const variants: typeof table = {
  "transcribe --dry-run": (model) => [clip, "-m", model, "--dry-run"],
  "transcribe --vad": (model) => [clip, "-m", "demo", "--vad", model],
  "inspect with several files": (model) => ["inspect", model, model],
};
/** No model is opened, or only installed ones. */
const others = ["hotwords", "models", "setup tensorflow"];

it("are all commands", () => {
  expect([...Object.keys(table), ...others].toSorted()).toEqual(commands.map(({ name }) => name).toSorted());
});

/** A server that accepts connections and says nothing; `asked` resolves with the first bytes of a request. */
async function silentServer(): Promise<{ address: string; asked: Promise<void> }> {
  let ask = (): void => {};
  const asked = new Promise<void>((resolve) => (ask = resolve));
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => ask());
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void server.close());
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/m.gguf`, asked };
}

async function expectEnd(argv: (typeof table)[string], signal: keyof typeof codes): Promise<void> {
  const folder = await temporaryFolder();
  const work = join(folder, "work");
  await mkdir(work);
  await writeFile(join(folder, "out.srt"), "earlier");
  const { address, asked } = await silentServer();
  const child = spawn(process.execPath, [program, ...argv(address, join(folder, "out"))], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, TMPDIR: work, FUN_ASR_HOME: work },
  });
  let notes = "";
  child.stderr.setEncoding("utf8").on("data", (piece: string) => void (notes += piece));
  const ended = once(child, "close");
  const first = await Promise.race([asked.then(() => "asked"), ended.then(() => "ended")]);
  expect(first, notes).toBe("asked");
  const began = performance.now();
  child.kill(signal);
  const end = await ended;
  const milliseconds = performance.now() - began;
  expect(end, `${signal}: ${notes}`).toEqual([codes[signal], null]);
  expect(notes).toContain("interrupted");
  expect(milliseconds).toBeLessThan(1000); // work that does not end by itself is ended after 3 s
  expect((await readdir(folder)).toSorted()).toEqual(["out.srt", "work"]);
  expect(await readFile(join(folder, "out.srt"), "utf8")).toBe("earlier");
  expect((await readdir(work, { recursive: true })).filter(isTemporary)).toEqual([]);
}

describe("while a server is silent", () => {
  it.each([...Object.entries(table), ...Object.entries(variants)])(
    "%s is ended by every signal",
    async (_, argv) => {
      const signals = Object.keys(codes) as (keyof typeof codes)[];
      const ends = await Promise.all(signals.map((signal) => expectEnd(argv, signal)));
      expect(ends).toHaveLength(signals.length);
    },
  );
});
