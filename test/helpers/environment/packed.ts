/** The package as npm packs it, packed once in a run of the tests: by the first file of tests that asks for it. */
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { inject } from "vitest";
import { finishDeclarations } from "../../../tools/package/declarations.ts";
import { inlineParts } from "../../../tools/package/inline.ts";
import { noticesFile } from "../../../tools/package/notices.ts";
import { joinModules } from "../../../tools/package/one-file.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** A folder for all files of tests, removed behind the last. */
    readonly shared: string;
  }
}

export interface Packed {
  /** The unpacked package. */
  readonly folder: string;
  /** Its files. */
  readonly paths: readonly string[];
  /** In bytes. */
  readonly size: number;
}

const root = resolve(import.meta.dirname, "../../..");

export async function packed(): Promise<Packed> {
  const work = join(sharedFolder(), "packed");
  const done = join(work, "packed.json");
  while (!isFirst(work)) {
    if (existsSync(done)) return JSON.parse(readFileSync(done, "utf8")) as Packed;
    await sleep(100); // another file of tests packs it; the hook that waits has a limit
  }
  try {
    const result = await pack(work);
    writeFileSync(`${done}.part`, JSON.stringify(result));
    renameSync(`${done}.part`, done);
    return result;
  } catch (error) {
    rmSync(work, { recursive: true, force: true }); // for the next to try
    throw error;
  }
}

/** Whether the folder did not exist; it does now. */
function isFirst(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

/** Without Vitest's global setup, each file of tests has its own. */
function sharedFolder(): string {
  const given = inject("shared") as string | undefined;
  if (given !== undefined) return given;
  const own = mkdtempSync(join(tmpdir(), "fun-asr-packed-"));
  process.once("exit", () => rmSync(own, { recursive: true, force: true }));
  return own;
}

/** Compiles to a folder of its own, since `dist` may hold files whose sources are gone, and packs that. */
async function pack(work: string): Promise<Packed> {
  const build = join(work, "build");
  const dist = join(build, "dist");
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [compiler, "-p", "tsconfig.build.json", "--outDir", dist], { cwd: root });
  for (const name of [
    "package.json",
    "README.md",
    "LICENSE",
    noticesFile,
    "models/demo",
    "schemas",
    "fixtures/audio",
    "kernels/tensorflow-types.d.ts",
  ]) {
    cpSync(join(root, name), join(build, name), { recursive: true });
  }
  const made = readdirSync(join(root, "dist"), { recursive: true, encoding: "utf8" });
  for (const name of made.filter((name) => /\.(?:wasm|mjs)$/u.test(name))) {
    mkdirSync(dirname(join(dist, name)), { recursive: true });
    cpSync(join(root, "dist", name), join(dist, name));
  }
  await inlineParts(root, dist);
  await joinModules(dist);
  finishDeclarations(build);
  const argv = ["pack", "--json", "--ignore-scripts", "--pack-destination", work];
  const listed = JSON.parse(execFileSync("npm", argv, { cwd: build, encoding: "utf8" })) as object;
  const [one] = Object.values(listed) as {
    filename: string;
    unpackedSize: number;
    files: { path: string }[];
  }[];
  execFileSync("tar", ["xzf", join(work, one!.filename), "-C", work]);
  return {
    folder: join(work, "package"),
    paths: one!.files.map(({ path }) => path),
    size: one!.unpackedSize,
  };
}
