/**
 * Wheels: downloaded by pip (which knows mirrors, proxies and caches), checked against their SHA-256, and read as zip
 * archives. No Python code of a wheel is installed or run.
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

/** Downloads a wheel into `folder` and returns its path. Throws `setup_failed` without pip, or for a wrong SHA-256. */
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
  if (file === undefined) throw setupError("pip", `no wheel of ${name} ${version} was downloaded`);
  const path = join(target, file);
  const found = await hashOf(path);
  if (found !== sha256) {
    throw setupError(
      path,
      `SHA-256 ${found}, wanted ${sha256}`,
      "The file differs from the one that was tested; do not use it",
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
    "no Python with pip was found; it is needed to download TensorFlow's wheel",
    "Install one (Debian: apt install python3-pip), or pass a wheel or an unpacked library with --libtensorflow",
  );
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** Extracts the entries for which `place` returns a path below `folder`. Returns their number. */
export async function unpack(
  archive: string,
  folder: string,
  place: (entry: string) => string | undefined,
  signal?: AbortSignal,
): Promise<number> {
  const zip = await openPromise(archive, { lazyEntries: true }).catch((cause: unknown) => {
    throw setupError(archive, "not a readable wheel", undefined, cause);
  });
  let count = 0;
  for await (const entry of zip.eachEntry()) {
    signal?.throwIfAborted();
    const target = entry.fileName.endsWith("/") ? undefined : place(entry.fileName);
    if (target === undefined) continue;
    if (normalize(target).startsWith(`..${sep}`))
      throw setupError(archive, `an entry outside the target folder: ${target}`);
    const path = join(folder, target);
    await mkdir(dirname(path), { recursive: true });
    await pipeline(await zip.openReadStreamPromise(entry), createWriteStream(path));
    count++;
  }
  return count;
}
