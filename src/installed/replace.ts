/** The hook of everything that opens a model: names among the sources become files. */
import { platform } from "../platform/current.ts";
import type { FoundModel } from "./find.ts";

export interface Replaced<Source> {
  readonly sources: readonly (Source | string)[];
  /** The am.mvn file that belongs to one of them. */
  readonly amMvn?: string | undefined;
}

/** Texts that name an installed model become its paths; everything else stays. Throws what `findInstalled` throws. */
export async function withInstalled<Source>(given: Source | readonly Source[]): Promise<Replaced<Source>> {
  const sources: (Source | string)[] = [];
  let amMvn: string | undefined;
  for (const source of (Array.isArray(given) ? given : [given]) as readonly Source[]) {
    const found = typeof source === "string" ? await installed(source) : undefined;
    if (found === undefined) sources.push(source);
    else {
      sources.push(...found.paths);
      amMvn ??= found.amMvn;
    }
  }
  return { sources, amMvn };
}

/** A file or folder of that name comes first; only without one is the store of models loaded. */
async function installed(name: string): Promise<FoundModel | undefined> {
  if (await exists(name)) return undefined;
  const { findInstalled } = await import("./find.ts");
  return findInstalled(name);
}

async function exists(path: string): Promise<boolean> {
  if (/^https?:/iu.test(path)) return false;
  if (path.startsWith("file:")) return true;
  const { files, file } = await platform().locate(path);
  return file === undefined || files.has(file);
}
