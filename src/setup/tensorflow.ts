/**
 * `fun-asr setup tensorflow`: installs TensorFlow's library from its Python wheel (or from the user), tfjs-node-gpu from
 * npm, and the addon that connects them, into one folder. The folder is built under another name and renamed after a
 * test that multiplies two matrices, so an existing folder always works.
 */
import { existsSync } from "node:fs";
import { mkdir, rename, rm, statfs, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  manifestPath,
  packageFolder,
  readInstallation,
  tensorflowHome,
  tfjsNode,
} from "../../kernels/runtime/tensorflow/hosts/node-home.ts";
import type { Installation } from "../../kernels/runtime/tensorflow/hosts/node-home.ts";
import { buildAddon, findCompiler, installPackage } from "./addon.ts";
import { fetchLibrary, takeLibrary } from "./library.ts";
import { neededBytes, oldestGlibc } from "./pins.ts";
import type { Variant } from "./pins.ts";
import { prove } from "./proof.ts";
import type { Proof } from "./proof.ts";
import { output, runs, setupError } from "./shell.ts";

interface SetupOptions {
  /** Which build of TensorFlow; by default `cuda` if nvidia-smi runs, else `cpu`. */
  readonly variant?: Variant | undefined;
  /** A wheel, or the folder of an unpacked library, to use instead of a download. */
  readonly libtensorflow?: string | undefined;
  readonly home?: string;
  readonly note: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Sets up TensorFlow unless it is set up already. Throws `setup_failed` that names what is missing. */
export async function setUpTensorflow(options: SetupOptions): Promise<Proof> {
  const { libtensorflow, home = tensorflowHome(), note, signal } = options;
  checkPlatform();
  const variant = options.variant ?? ((await hasDriver()) ? "cuda" : "cpu");
  if (options.variant === "cuda" && libtensorflow === undefined) await requireDriver();

  const wanted = libtensorflow ?? variant;
  if (readInstallation(home)?.variant === wanted) {
    const proof = await prove(home, signal).catch(() => undefined);
    if (proof !== undefined) {
      note(`already set up in ${home}`);
      return proof;
    }
  }

  const compiler = await findCompiler();
  if (libtensorflow === undefined) await requireSpace(dirname(home), neededBytes[variant]);
  const draft = `${home}.partial`;
  await rm(draft, { recursive: true, force: true });
  try {
    note(`installing ${tfjsNode.name} ${tfjsNode.version}`);
    await installPackage(draft, signal);
    const fetching = {
      deps: join(packageFolder(draft), "deps"),
      scratch: join(draft, "wheels"),
      note,
      signal,
    };
    if (libtensorflow === undefined) await fetchLibrary(variant, fetching);
    else await takeLibrary(libtensorflow, fetching);
    await rm(fetching.scratch, { recursive: true, force: true });
    note(`compiling its addon with ${compiler}`);
    await buildAddon(compiler, draft, signal);
    return await settle(draft, home, wanted, signal);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** Tests the draft and renames it to its final name. */
async function settle(draft: string, home: string, variant: string, signal?: AbortSignal): Promise<Proof> {
  const installation: Installation = { variant, tensorflow: "unproved", package: tfjsNode.version };
  await writeFile(manifestPath(draft), JSON.stringify(installation));
  const proof = await prove(draft, signal);
  await writeFile(manifestPath(draft), JSON.stringify({ ...installation, tensorflow: proof.tensorflow }));
  await rm(home, { recursive: true, force: true });
  await rename(draft, home);
  return proof;
}

function checkPlatform(): void {
  const platform = `${process.platform}-${process.arch}`;
  if (platform !== "linux-x64") {
    throw setupError(
      "platform",
      `${platform}, but this setup supports Linux on x86-64 only`,
      "The wasm backend runs everywhere",
    );
  }
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  const glibc = report.header?.glibcVersionRuntime;
  const [major = 0, minor = 0] = (glibc ?? "").split(".").map(Number);
  if (major < oldestGlibc[0] || (major === oldestGlibc[0] && minor < oldestGlibc[1])) {
    throw setupError(
      "C library",
      glibc === undefined ? "it is not glibc" : `glibc ${glibc}`,
      `TensorFlow needs glibc ${oldestGlibc.join(".")} or newer`,
    );
  }
}

function hasDriver(): Promise<boolean> {
  return runs("nvidia-smi", ["-L"]);
}

async function requireDriver(): Promise<void> {
  await output("nvidia-smi", ["-L"]).catch((cause: unknown) => {
    throw setupError(
      "NVIDIA driver",
      "nvidia-smi does not run",
      "Install the driver (525 or newer), or use --cpu",
      cause,
    );
  });
}

async function requireSpace(folder: string, bytes: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (existsSync(folder) && free < bytes) {
    const gigabytes = (n: number): string => `${(n / 1e9).toFixed(1)} GB`;
    throw setupError(
      folder,
      `${gigabytes(free)} free, ${gigabytes(bytes)} needed`,
      "Free some space, or set FUN_ASR_TENSORFLOW to another folder",
    );
  }
}
