/** Stage archives in every format: opened by their content, created by the ending of their name. */
export { archiveFormats } from "./archive.ts";
export type { ArchiveFormat, ArchiveMetadata, StageReader, StageWriter } from "./archive.ts";
export { isArchive, openArchive } from "./open.ts";
export { createArchive } from "./create.ts";
export type { CreateOptions } from "./create.ts";
