/**
 * Signals end every command that writes: with their exit code, without temporary files, and with the earlier output. What
 * `transcribe` keeps in partial files is tested in resume.test.ts.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { killCommands } from "../../tools/soak/kills.ts";
import { wav } from "../helpers/builders/wav.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { isTemporary } from "../helpers/environment/outputs.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

const program = fixture("../dist/src/cli/main.js");
const model = fixture("../models/demo/fun-asr-demo-q8_0.gguf");
const clip = fixture("audio/demo/zh-long.wav");
const shared = ["-m", model, "-np"];

/** Each takes seconds, and has temporary files for most of them; `transcribe` has none before its end, but prints. */
const commands: readonly (readonly [string, (output: string) => string[], string])[] = [
  ["convert", (output) => ["convert", model, "-o", output, "-t", "q4_k", "--threads", "1"], "m.gguf"],
  ["quantize", (output) => ["quantize", model, output, "-t", "q5_k", "--threads", "1"], "m.gguf"],
  ["dump", (output) => ["dump", clip, ...shared, "--steps", "-o", output], "a.npz"],
  ["dump as one with a header", (output) => ["dump", clip, ...shared, "--steps", "-o", output], "a.gguf"],
  ["dump to a folder", (output) => ["dump", clip, ...shared, "-o", output], "folder"],
  ["report", (output) => ["report", "-f", clip, ...shared, "-o", output], "page.html"],
  ["diff", (output) => ["diff", clip, ...shared, "--against", "cpu", "--html", output], "page.html"],
  ["transcribe", transcribeArgs, "a.txt"],
];
function transcribeArgs(output: string): string[] {
  const base = output.replace(/\.txt$/u, "");
  return [clip, ...shared, "--json-lines", "--partials", "-otxt", "-of", base];
}
const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGQUIT: 131 } as const;

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; !(await condition()); waited += 10) {
    if (waited > 30_000) throw new Error("it did not happen in 30 s");
    await sleep(10);
  }
}

describe.each(commands)("%s", (name, argv, output) => {
  it.each(Object.entries(codes))("is ended by %s", async (signal, code) => {
    const folder = await temporaryFolder();
    const work = join(folder, "work");
    await mkdir(work);
    const path = join(folder, output);
    if (output === "folder") await cp(fixture("archives/ours/stages"), path, { recursive: true });
    else await writeFile(path, "earlier");
    const before = (await readdir(folder)).toSorted();
    const child = spawn(process.execPath, [program, ...argv(path)], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, TMPDIR: work },
    });
    let notes = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => void (notes += text));
    const ended = once(child, "close");
    if (name === "transcribe") await once(child.stdout, "data");
    else {
      await until(async () => [...(await readdir(folder)), ...(await readdir(work))].some(isTemporary));
    }
    child.kill(signal as NodeJS.Signals);
    expect(await ended).toEqual([code, null]);
    const kept =
      name === "transcribe"
        ? /^(?:\S+: the text up to \S+ is kept in \S+\n)?interrupted\n$/u
        : /^interrupted\n$/u;
    expect(notes).toMatch(kept);
    const after = (await readdir(folder)).filter(
      (file) => name !== "transcribe" || !file.includes(".partial."),
    );
    expect(after.toSorted()).toEqual(before);
    expect(await readdir(work)).toEqual([]);
    if (output !== "folder") expect(await readFile(path, "utf8")).toBe("earlier");
  });
});

/** The note is written by the work that ended; where it does not end, the process is ended without it. */
it.each<[string, readonly string[], (stdin: Writable) => void]>([
  ["nothing", [], () => {}],
  ["samples", ["--pcm", "16000"], (stdin) => void stdin.write(new Uint8Array(3_200_000))],
  ["a file", [], (stdin) => void stdin.write(silentHeader())],
])("the first signal ends reading standard input that is silent behind %s", async (what, flags, begin) => {
  const child = spawn(process.execPath, [program, "-", ...shared, "--json-lines", ...flags], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  let notes = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => void (notes += text));
  const ended = once(child, "close");
  begin(child.stdin);
  if (what === "samples") await until(async () => child.stdin.writableLength === 0);
  await until(() => listens(child.pid!));
  await sleep(500); // so that it waits: a signal while the model is loaded is another case, which must pass, too
  child.kill("SIGINT");
  expect(await ended).toEqual([130, null]);
  expect(notes).toBe("interrupted\n");
});

/** Whether a process catches SIGHUP, which Node alone does not. */
async function listens(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const caught = /^SigCgt:\s*([0-9a-f]+)$/mu.exec(status)?.[1] ?? "0";
  return (BigInt(`0x${caught}`) & 1n) === 1n;
}

function silentHeader(): Uint8Array {
  return wav(new Uint8Array(200_000), { dataLength: 0xffff_ffff });
}

it("a kill that nothing can catch leaves temporary files alone, which the next run removes", async () => {
  let state = 7;
  const random = (): number => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
  const reports = await killCommands(2, random);
  expect(reports.flatMap(({ faults }) => faults)).toEqual([]);
  expect(reports.length).toBeGreaterThanOrEqual(5);
}, 240_000);
