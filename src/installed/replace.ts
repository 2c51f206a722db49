/** The hook of everything that opens a model: names among the sources become files. */
import { findInstalled } from "./find.ts";

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
    const found = typeof source === "string" ? await findInstalled(source) : undefined;
    if (found === undefined) sources.push(source);
    else {
      sources.push(...found.paths);
      amMvn ??= found.amMvn;
    }
  }
  return { sources, amMvn };
}
