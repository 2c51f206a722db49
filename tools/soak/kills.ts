/**
 * `npm run soak:kills`: commands that write are killed at random moments (SIGKILL, which nothing can catch).
 * After each kill the earlier output must be there as it was, or the new one complete, and beside it at most temporary
 * files, which the next run must remove. Prints a line for each command; exit code 1 where something else is found.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { commandLine, wholeNumber } from "../flags.ts";

const root = ["../..", "../../.."]
  .map((up) => resolve(import.meta.dirname, up))
  .find((folder) => existsSync(join(folder, "models/demo")))!;
const program = join(root, "dist/src/cli/main.js");
const model = join(root, "models/demo/fun-asr-demo-q8_0.gguf");
const clip = join(root, "fixtures/audio/demo/zh-weather.wav");
const dumped = ["-m", model, "-n", "4", "-np", "--stages", "fbank,audio_encoder*"];

/** Arguments by the name of the output that they write in a folder. */
const commands: Readonly<Record<string, (output: string) => string[]>> = {
  "m.gguf": (output) => ["convert", model, "-o", output, "-t", "q4_k", "--threads", "2"],
  "a.npz": (output) => ["dump", clip, ...dumped, "-o", output],
  "a.safetensors": (output) => ["dump", clip, ...dumped, "-o", output],
  folder: (output) => ["dump", clip, ...dumped, "-o", output],
  "page.html": (output) => ["report", "-f", clip, "-m", model, "-n", "4", "-np", "-o", output],
};

export interface KillReport {
  readonly output: string;
  readonly kills: number;
  /** Kills after which temporary files were left, all of which the next run removed. */
  readonly leftovers: number;
  /** What must not be, in words. */
  readonly faults: readonly string[];
}

/** Kills each command `count` times; `random` gives numbers in [0, 1). */
export async function killCommands(count: number, random: () => number): Promise<KillReport[]> {
  const reports: KillReport[] = [];
  for (const [output, argvOf] of Object.entries(commands)) {
    const base = await mkdtemp(join(tmpdir(), "fun-asr-kills-"));
    try {
      reports.push(await killCommand(base, output, argvOf, count, random));
    } finally {
      await rm(base, { recursive: true, force: true });
    }
  }
  return reports;
}

async function killCommand(
  base: string,
  output: string,
  argvOf: (output: string) => string[],
  count: number,
  random: () => number,
): Promise<KillReport> {
  const [complete, folder] = [join(base, "complete"), join(base, "work")];
  await mkdir(complete);
  const began = performance.now();
  await run(argvOf(join(complete, output)), complete);
  const duration = performance.now() - began;
  const wanted = await contents(complete);
  await cp(complete, folder, { recursive: true });
  const earlier = await spoil(folder, output);

  const faults: string[] = [];
  let leftovers = 0;
  for (let i = 0; i < count; i++) {
    await run(argvOf(join(folder, output)), folder, random() * duration);
    const found = await contents(folder);
    const left = [...found.keys()].filter(isTemporary);
    if (left.length > 0) leftovers++;
    for (const name of left) found.delete(name);
    if (!isSame(found, wanted) && !isSame(found, earlier)) {
      faults.push(`${output}, kill ${i + 1}: ${[...found.keys()].join(", ") || "nothing"}`);
      await rm(folder, { recursive: true });
      await cp(complete, folder, { recursive: true });
    }
  }
  await run(argvOf(join(folder, output)), folder);
  const last = await contents(folder);
  if (!isSame(last, wanted)) faults.push(`${output}, the run after: ${[...last.keys()].join(", ")}`);
  return { output, kills: count, leftovers, faults };
}

/** Gives the earlier output other bytes, where it is one file, so that the two can be told apart. */
async function spoil(folder: string, output: string): Promise<Map<string, string>> {
  const path = join(folder, output);
  if (output !== "folder") await copyFile(clip, path);
  return contents(folder);
}

/** Runs the command, to its end or until it is killed. Its temporary folder is `folder`, too. */
async function run(argv: readonly string[], folder: string, killAfter?: number): Promise<void> {
  const child = spawn(process.execPath, [program, ...argv], {
    stdio: "ignore",
    env: { ...process.env, TMPDIR: folder },
  });
  const ended = once(child, "close");
  if (killAfter !== undefined) {
    await Promise.race([sleep(killAfter), ended]);
    child.kill("SIGKILL");
  }
  const [code] = (await ended) as [number | null];
  if (killAfter === undefined && code !== 0) throw new Error(`${argv.join(" ")}: exit code ${code}`);
}

/** All files below a folder, by their paths. */
async function contents(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = new Map<string, string>();
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) files.set(relative(folder, path), (await readFile(path)).toString("base64"));
    else if (isTemporary(entry.name)) files.set(entry.name, "");
  }
  return files;
}

const isTemporary = (name: string): boolean => /^\.fun-asr\.[^/\\]*\.tmp/u.test(name);

const isSame = (a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean =>
  a.size === b.size && [...a].every(([name, bytes]) => b.get(name) === bytes);

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const help = `npm run soak:kills -- [COUNT]

Kills commands that write at COUNT random moments (200), and prints a line for each output: what is left after a kill
must be the earlier file or the new one, and temporary files that the next run removes. Exit code 1 where it is not.`;
  const count = wholeNumber("COUNT", commandLine(help, {}, 1).positionals[0] ?? "200", help);
  const each = Math.ceil(count / Object.keys(commands).length);
  const reports = await killCommands(each, Math.random);
  for (const { output, kills, leftovers, faults } of reports) {
    console.log(`${output}: ${kills} kills, ${leftovers} left temporary files, ${faults.length} faults`);
    for (const fault of faults) console.log(`  ${fault}`);
  }
  process.exitCode = reports.some(({ faults }) => faults.length > 0) ? 1 : 0;
}
