/**
 * Are switches of V8 safe on a version that was never tested? A child process compiles the kernels with them and checks
 * one product: if it ends well, they are. The answer is kept in the user's cache folder; every failure means no.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import type { V8Flags } from "./v8-flags.ts";

const passed = "fun-asr: these flags are safe";
/** Milliseconds; the child needs some hundred. */
const defaultLimit = 10_000;

interface Probe {
  readonly flags: V8Flags;
  /** The modules that will be compiled; those after the first with revectorization, if the flags have it. */
  readonly modules: readonly Uint8Array[];
  /** The Node that is asked. */
  readonly execPath: string;
  /** Version of its V8, part of the answer's name. */
  readonly v8: string;
  /** Folder of answers; undefined: none is kept. */
  readonly cache: string | undefined;
  /** Milliseconds after which the child is stopped. */
  readonly limit?: number;
}

/** Where answers are kept, if there is such a place. */
export function answersFolder(): string | undefined {
  try {
    return join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "fun-asr", "v8");
  } catch {
    return undefined; // a user without a home
  }
}

/** Runs the probe, unless its answer is known. Throws nothing. */
export function isSafe(probe: Probe): boolean {
  const path = answerPath(probe);
  const known = path === undefined ? undefined : readAnswer(path);
  if (known !== undefined) return known;
  const answer = ask(probe);
  if (path !== undefined && answer !== undefined) writeAnswer(path, answer);
  return answer ?? false;
}

/** One file for each V8, processor architecture, set of modules and set of flags. */
function answerPath({ flags, modules, v8, cache }: Probe): string | undefined {
  if (cache === undefined) return undefined;
  const hash = createHash("sha256").update(JSON.stringify(flags));
  for (const module of modules) hash.update(module);
  const version = v8.replaceAll(/[^\w.-]/g, "_");
  return join(cache, `${version}-${process.platform}-${process.arch}-${hash.digest("hex").slice(0, 16)}`);
}

function readAnswer(path: string): boolean | undefined {
  try {
    const text = readFileSync(path, "utf8");
    return text === "safe\n" ? true : text === "unsafe\n" ? false : undefined;
  } catch {
    return undefined;
  }
}

function writeAnswer(path: string, answer: boolean): void {
  const draft = `${path}.${process.pid}-${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
  try {
    // Not `recursive`, which never returns where a system denies that a parent is there (/proc).
    const folder = dirname(path);
    for (const each of [join(folder, "../.."), join(folder, ".."), folder]) {
      if (!existsSync(each)) mkdirSync(each);
    }
    writeFileSync(draft, answer ? "safe\n" : "unsafe\n", { flag: "wx" });
    renameSync(draft, path);
  } catch {
    remove(draft); // it is asked again the next time
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // where the folder cannot be written there is nothing to remove
  }
}

/** What the child printed; undefined where it could not be started or did not end, which may change later. */
function ask({ flags, modules, execPath, limit = defaultLimit }: Probe): boolean | undefined {
  const input = JSON.stringify([flags, modules.map(({ length }) => length), passed]);
  const program = `(${compileAndMultiply.toString()})(require, ${input})`;
  // An application that embeds Node would start itself here, again and again.
  if (!/^node(js)?(\.exe)?$/i.test(basename(execPath))) return undefined;
  // Options of the parent's Node could print something or change the compiler.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("NODE_")));
  try {
    const child = spawnSync(execPath, ["--input-type=commonjs", "-e", program], {
      env,
      input: Buffer.concat(modules),
      encoding: "utf8",
      timeout: limit,
      killSignal: "SIGKILL",
      windowsHide: true,
    });
    if (child.error !== undefined) return undefined;
    // A flag that V8 does not know makes it print an error on stderr, here and later in the parent.
    return child.status === 0 && child.stderr === "" && child.stdout === passed;
  } catch {
    return undefined; // starting processes may be forbidden
  }
}

/** Runs in the child; uses nothing from outside. Prints `answer` if all is well. */
function compileAndMultiply(
  require: NodeJS.Require,
  [flags, lengths, answer]: [V8Flags, readonly number[], string],
): void {
  const { readFileSync } = require("node:fs") as typeof import("node:fs");
  const { setFlagsFromString } = require("node:v8") as typeof import("node:v8");
  const input = readFileSync(0);
  for (const flag of flags.always) setFlagsFromString(flag);
  let start = 0;
  for (const [i, length] of lengths.entries()) {
    const bytes = input.subarray(start, (start += length));
    for (const name of flags.offWhileCompiling) setFlagsFromString(`--no-${name}`);
    const pair = flags.revectorize && i > 0;
    if (pair) setFlagsFromString("--experimental-wasm-revectorize");
    const module = new WebAssembly.Module(bytes);
    if (pair) setFlagsFromString("--no-experimental-wasm-revectorize");
    for (const name of flags.offWhileCompiling.toReversed()) setFlagsFromString(`--${name}`);
    if (!isRight(module)) return;
  }
  process.stdout.write(answer);

  /** One vector by a matrix of 16 rows and 37 columns, in whole numbers: again and again, as a warm kernel runs. */
  function isRight(module: WebAssembly.Module): boolean {
    const shape = { initial: 16, maximum: 65_536, shared: true };
    const memory = new WebAssembly.Memory(shape);
    const table = new WebAssembly.Table({ initial: 64, element: "anyfunc" });
    const { exports } = new WebAssembly.Instance(module, { env: { memory, table, abort: () => undefined } });
    const [depth, x, weights, y, args] = [37, 65_536, 131_072, 196_608, 1792];
    (exports["initialize"] as () => void)();
    const floats = new Float32Array(memory.buffer);
    for (let k = 0; k < depth; k++) {
      floats[x / 4 + k] = k - 9;
      for (let row = 0; row < 16; row++) floats[weights / 4 + 16 * k + row] = (k * row) % 7;
    }
    const board = [x, 1, depth, -Infinity, 0, 0, 0, 1, 16, weights, 0, 0, y];
    new Int32Array(memory.buffer, args).set(board.map((word) => (word === -Infinity ? 0xff800000 : word)));
    const multiply = exports["linearFloat"] as (...args: number[]) => void;
    for (let time = 0; time < 1000; time++) multiply(args, 0, 1, 0);
    return Array.from({ length: 16 }, (_, row) => {
      let sum = 0;
      for (let k = 0; k < depth; k++) sum += (k - 9) * ((k * row) % 7);
      return floats[y / 4 + row] === sum;
    }).every(Boolean);
  }
}
