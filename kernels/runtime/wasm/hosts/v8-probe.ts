/**
 * Are switches of V8 safe on a version that was never tested? A child process compiles the kernels with them and checks
 * one product: if it ends well, they are. The answer is kept in the user's cache folder; every failure means no.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { argumentSize, writeArguments } from "../arguments.ts";
import { layout } from "../layout.ts";
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

/** What the child is given, as JSON. */
interface ProbeStart {
  readonly flags: V8Flags;
  /** Bytes of each module on standard input. */
  readonly lengths: readonly number[];
  /** What it prints if all is well. */
  readonly passed: string;
  readonly product: ReturnType<typeof product>;
}

/** Plain JavaScript beside this file, also in the build; undefined in a bundle in CommonJS. */
const program =
  (import.meta.url as string | undefined) === undefined
    ? undefined
    : fileURLToPath(new URL("./node-probe.mjs", import.meta.url));

/** A product of one vector and one panel of 16 rows, with addresses beyond the kernels' own memory. */
function product() {
  const [x, weights, y] = [65_536, 131_072, 196_608];
  const [kernel, rows, columns] = ["linearFloat", 16, 37] as const;
  const matrices = [{ groups: 1, rows, weights, scales: 0, bias: 0, y }];
  const args = { x, frames: 1, columns, lowerBound: -Infinity, kind: 0, scratch: 0, expanded: 0, matrices };
  const words = new Int32Array(argumentSize(kernel, args));
  writeArguments(kernel, args, words, 0);
  return { kernel, address: layout.ARGUMENTS, words: [...words], rows, columns, x, weights, y };
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
  const { createHash } = process.getBuiltinModule("node:crypto");
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
  const start: ProbeStart = {
    flags,
    lengths: modules.map(({ length }) => length),
    passed,
    product: product(),
  };
  // An application that embeds Node would start itself here, again and again.
  if (!/^node(js)?(\.exe)?$/i.test(basename(execPath))) return undefined;
  // Options of the parent's Node could print something or change the compiler.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("NODE_")));
  if (program === undefined || !existsSync(program)) return undefined;
  // Loaded here, as every load of a model imports this file, and hardly any asks.
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  try {
    const child = spawnSync(execPath, [program, JSON.stringify(start)], {
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
