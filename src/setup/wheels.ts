/**
 * Wheels: fetched by pip's downloader (for its mirrors, proxies and caches), held to their SHA-256, and read as the zip
 * archives that they are. No Python of theirs is installed or run.
 */
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { dirname, join, normalize, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { openPromise } from "yauzl";
import { wheelTarget } from "./pins.ts";
import type { Wheel } from "./pins.ts";
import { output, runs, setupError } from "./shell.ts";

/** Downloads a wheel into `folder` and gives its path. Throws `setup_failed` without pip, or for another file. */
export async function downloadWheel(
  { name, version, sha256 }: Wheel,
  folder: string,
  signal?: AbortSignal,
): Promise<string> {
  const python = await findPip();
  const target = join(folder, name);
  await mkdir(target, { recursive: true });
  const flags = ["--no-deps", "--only-binary=:all:", "--disable-pip-version-check", "-q", "-d", target];
  await output(python, ["-m", "pip", "download", ...flags, ...wheelTarget, `${name}==${version}`], {
    signal,
  });
  const [file] = await readdir(target);
  if (file === undefined) throw setupError("pip", `no wheel of ${name} ${version} arrived`);
  const path = join(target, file);
  const found = await hashOf(path);
  if (found !== sha256) {
    throw setupError(
      path,
      `SHA-256 ${found}, wanted ${sha256}`,
      "The file is not the one that was tested; do not use it",
    );
  }
  return path;
}

async function findPip(): Promise<string> {
  for (const python of ["python3", "python"]) {
    if (await runs(python, ["-m", "pip", "--version"])) return python;
  }
  throw setupError(
    "pip",
    "no Python with pip was found, and TensorFlow's library comes as a Python wheel",
    "Install one (Debian: apt install python3-pip), or give a wheel or an unpacked library by --libtensorflow",
  );
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** Writes the entries of a zip archive for which `place` gives a path below `folder`. Returns how many there were. */
export async function unpack(
  archive: string,
  folder: string,
  place: (entry: string) => string | undefined,
  signal?: AbortSignal,
): Promise<number> {
  const zip = await openPromise(archive, { lazyEntries: true }).catch((cause: unknown) => {
    throw setupError(archive, "it is no wheel that can be read", undefined, cause);
  });
  let count = 0;
  for await (const entry of zip.eachEntry()) {
    signal?.throwIfAborted();
    const target = entry.fileName.endsWith("/") ? undefined : place(entry.fileName);
    if (target === undefined) continue;
    if (normalize(target).startsWith(`..${sep}`))
      throw setupError(archive, `an entry that climbs: ${target}`);
    const path = join(folder, target);
    await mkdir(dirname(path), { recursive: true });
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(path));
    count++;
  }
  return count;
}
