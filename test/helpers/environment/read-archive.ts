/** A stage archive as a whole, for those that are small: every stage in memory, by name. */
import { openArchive } from "../../../src/diff/archives/index.ts";
import type { ArchiveMetadata } from "../../../src/diff/archives/index.ts";
import type { StageValues } from "../../../src/diff/compare.ts";

export interface StageArchive {
  readonly stages: ReadonlyMap<string, StageValues>;
  readonly metadata: ArchiveMetadata;
}

/** Reads every stage of an archive of any format. Throws `archive_malformed` or a reader's error. */
export async function readArchive(path: string): Promise<StageArchive> {
  await using archive = await openArchive(path);
  const stages = new Map<string, StageValues>();
  for (const name of archive.stages.keys()) stages.set(name, await archive.read(name));
  return { stages, metadata: archive.metadata };
}
