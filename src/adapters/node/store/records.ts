/** The records of installed models: `models/{name}.json`, and beside it a folder with the files under their names. */
import { mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { FileStamp, InstalledFile, InstalledModel } from "../../../platform/store.ts";
import { writeAtomically } from "../output/atomic-file.ts";
import { unwritable } from "../output/unwritable.ts";
import { linkTo } from "./cache-file.ts";

/** Longer than any name of the registry or a hub; of an address of the web the rest becomes a hash. */
const maxName = 120;

/** A name as the name of a file on every system. */
function fileName(name: string): string {
  const safe = encodeURIComponent(name).replaceAll("*", "%2A");
  if (safe.length <= maxName) return safe;
  return `${safe.slice(0, maxName)}-${createHash("sha256").update(name).digest("hex").slice(0, 16)}`;
}

export class Records {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async all(): Promise<InstalledModel[]> {
    const names = await readdir(this.#folder).catch(() => []);
    const records = await Promise.all(
      names.filter((name) => name.endsWith(".json")).map((name) => read(join(this.#folder, name))),
    );
    return records.filter((record) => record !== undefined).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  get(name: string): Promise<InstalledModel | undefined> {
    return read(`${this.view(name)}.json`);
  }

  /** The folder in which a model's files have their names. */
  view(name: string): string {
    return join(this.#folder, fileName(name));
  }

  /** `targetOf` gives the file of each name. The record is written last: with it, the model is installed. */
  async put(
    model: InstalledModel,
    targetOf: (file: InstalledModel["files"][number]) => string,
  ): Promise<void> {
    const view = this.view(model.name);
    try {
      await rm(view, { recursive: true, force: true });
      for (const file of model.files) await linkTo(targetOf(file), join(view, ...file.name.split("/")));
      await mkdir(this.#folder, { recursive: true });
    } catch (cause) {
      throw unwritable(view, cause);
    }
    await writeAtomically(`${view}.json`, (write) =>
      write(new TextEncoder().encode(`${JSON.stringify(model, undefined, 1)}\n`)),
    );
  }

  async remove(name: string): Promise<void> {
    await rm(`${this.view(name)}.json`, { force: true });
    await rm(this.view(name), { recursive: true, force: true });
  }
}

/** A file that is no record of ours counts as none: it is not ours to judge. */
async function read(path: string): Promise<InstalledModel | undefined> {
  const status = await stat(path).catch(() => undefined);
  if (status === undefined) return undefined;
  try {
    const record = JSON.parse(await readFile(path, "utf8")) as unknown;
    return isRecord(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

type Unknown<Type> = { readonly [Name in keyof Type]?: unknown } | null | undefined;

function isRecord(value: unknown): value is InstalledModel {
  const { name, source, files, installed } = (value ?? {}) as NonNullable<Unknown<InstalledModel>>;
  return [name, source, installed].every(isText) && Array.isArray(files) && files.every(isFile);
}

function isFile(value: Unknown<InstalledFile>): boolean {
  const stamp = value?.stamp as Unknown<FileStamp>;
  return (
    isText(value?.name) &&
    isText(value?.sha256) &&
    isText(value?.cachedAt ?? "") &&
    [value?.size, stamp?.size, stamp?.changed, stamp?.inode].every(Number.isFinite)
  );
}

const isText = (value: unknown): value is string => typeof value === "string";
