/** Outputs at places that are no files, or that are someone's: refused, and what is there stays. */
import {
  chmod,
  link,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { guardOutputs } from "../../../src/adapters/node/output/guard.ts";
import { writeAtomically } from "../../../src/adapters/node/output/atomic-file.ts";
import { createArchive } from "../../../src/diff/archives/index.ts";
import type { ErrorCode } from "../../../src/errors.ts";
import type { AttackCase } from "../case.ts";

/** Makes a place in a folder, and gives the output's path. */
type Place = (folder: string) => Promise<string>;

async function put(folder: string, name: string, text = "mine"): Promise<string> {
  await writeFile(join(folder, name), text);
  return join(folder, name);
}
async function folderOf(folder: string, name: string, ...files: string[]): Promise<string> {
  await mkdir(join(folder, name));
  for (const file of files) await put(join(folder, name), file);
  return join(folder, name);
}

const places: readonly (readonly [name: string, place: Place, code: ErrorCode | "read"])[] = [
  ["a new file", async (folder) => join(folder, "new.out"), "read"],
  ["a name of 255 bytes", async (folder) => join(folder, "n".repeat(255)), "read"],
  ["a name of Chinese letters", async (folder) => join(folder, "中".repeat(85)), "read"],
  ["/dev/null", async () => "/dev/null", "read"],
  ["/dev/full", async () => "/dev/full", "file_unwritable"],
  ["a name of 256 bytes", async (folder) => join(folder, "n".repeat(256)), "file_unwritable"],
  ["a name with a null", async (folder) => join(folder, "a\0b"), "file_unwritable"],
  ["no name", async () => "", "file_unwritable"],
  ["a folder", (folder) => folderOf(folder, "folder", "mine.npy"), "file_unwritable"],
  ["an empty folder", (folder) => folderOf(folder, "folder"), "file_unwritable"],
  ["no folder", async (folder) => join(folder, "absent", "a.out"), "file_unwritable"],
  ["below a file", async (folder) => join(await put(folder, "file"), "a.out"), "file_unwritable"],
  ["a loop of links", async (folder) => loop(folder), "file_unwritable"],
  ["below a loop of links", async (folder) => join(await loop(folder), "a.out"), "file_unwritable"],
  [
    "a read-only file",
    async (folder) => {
      const path = await put(folder, "fixed");
      await chmod(path, 0o444);
      return path;
    },
    "file_unwritable",
  ],
  ["/proc", async () => "/proc/a.out", "file_unwritable"],
  ["/sys", async () => "/sys/a.out", "file_unwritable"],
];

async function loop(folder: string): Promise<string> {
  await symlink("loop", join(folder, "loop"));
  return join(folder, "loop");
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "fun-asr-attack-"));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Everything in the folder but the output: what stays. */
async function contents(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const lines = await Promise.all(
    entries.map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      return `${path} ${entry.isFile() ? await readFile(path, "latin1") : ""}`;
    }),
  );
  return lines.toSorted().join("\n");
}

const write = (place: Place) => (): Promise<void> =>
  inFolder(async (folder) => {
    const path = await place(folder);
    const before = await contents(folder);
    try {
      await writeAtomically(path, (put) => put(new Uint8Array(100)));
    } catch (error) {
      if ((await contents(folder)) !== before) throw new Error("the folder is changed", { cause: error });
      throw error;
    }
    if (path.startsWith(folder) && (await stat(path)).size !== 100)
      throw new Error("the file is not complete");
  });

const archive = (place: Place, format: "npy" | "npz") => (): Promise<void> =>
  inFolder(async (folder) => {
    const path = await place(folder);
    const before = await contents(folder);
    try {
      const created = await createArchive(path, { format });
      await created.add("a", [1], Float32Array.of(1));
      await created.finish();
    } catch (error) {
      if ((await contents(folder)) !== before) throw new Error("the folder is changed", { cause: error });
      throw error;
    }
  });

const folders: readonly (readonly [name: string, files: readonly string[], code: ErrorCode | "read"])[] = [
  ["an empty folder", [], "read"],
  ["a folder with an array", ["mine.npy"], "file_unwritable"],
  ["a folder with a text", ["notes.txt"], "file_unwritable"],
  ["a folder with metadata alone", ["metadata.json"], "file_unwritable"],
  ["a folder with a model's metadata", ["metadata.json", "model.json"], "file_unwritable"],
  ["a folder with a hidden file", [".profile"], "file_unwritable"],
];

/** An input under other names. */
const inputs: Readonly<Record<string, (folder: string, input: string) => Promise<string>>> = {
  itself: async (_, input) => input,
  "a hard link": async (folder, input) => {
    await link(input, join(folder, "hard"));
    return join(folder, "hard");
  },
  "a symbolic link": async (folder, input) => {
    await symlink(input, join(folder, "soft"));
    return join(folder, "soft");
  },
  "a link to a link": async (folder, input) => {
    await symlink(input, join(folder, "soft"));
    await symlink("soft", join(folder, "far"));
    return join(folder, "far");
  },
  "a path with dots": async (folder, input) => join(folder, "..") + input.slice(tmpdir().length),
  "its place in /proc": async (_, input) => `/proc/self/root${input}`,
};

export const cases: readonly AttackCase[] = [
  ...places.map(([name, place, code]): AttackCase => ({ name, run: write(place), expected: [code] })),
  ...places
    .filter(([, , code]) => code !== "read")
    .map(([name, place]): AttackCase => ({
      name: `an archive at ${name}`,
      run: archive(place, "npz"),
      expected: ["file_unwritable"],
    })),
  ...folders.map(([name, files, code]): AttackCase => ({
    name: `an archive as ${name}`,
    run: archive((folder) => folderOf(folder, "folder", ...files), "npy"),
    expected: [code],
  })),
  ...Object.entries(inputs).flatMap(([name, at]) =>
    (["files", "models"] as const).map((kind): AttackCase => ({
      name: `an input of ${kind}, as ${name}`,
      run: () =>
        inFolder(async (folder) => {
          const input = await put(folder, "m.gguf");
          await guardOutputs([await at(folder, input)], { [kind]: [input] });
        }),
      expected: ["bad_option"],
    })),
  ),
];
