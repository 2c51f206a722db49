/**
 * The zip archive around a checkpoint: `<prefix>/data.pkl`, `<prefix>/data/<key>` and a few small entries. The entries
 * of a checkpoint are stored, not compressed, so their bytes are read in place: nothing is inflated. Refused: two
 * archives in one, compressed entries, and what the platform's zip reader refuses.
 */
import type { ByteSource } from "../../../src/platform/bytes.ts";
import { platform } from "../../../src/platform/current.ts";
import { placeOf } from "../../../src/platform/zip-entry.ts";
import type { ZipEntry } from "../../../src/platform/zip-entry.ts";
import { malformed } from "../../../src/checkpoints/malformed.ts";

/** Entries by name, without the prefix that they share. */
export type Archive = ReadonlyMap<string, ZipEntry>;

const maxSmallBytes = 64 * 2 ** 20;

export async function readArchive(access: ByteSource): Promise<Archive> {
  await checkMagic(access);
  return withoutPrefix(access.name, await platform().zipEntries(access, malformed));
}

/** Reads a whole entry that must be small; the file is never the measure of what is allocated. */
export async function readEntry(access: ByteSource, archive: Archive, name: string): Promise<Uint8Array> {
  const entry = archive.get(name);
  if (entry === undefined)
    throw malformed(access.name, `no entry ${name}`, "a checkpoint written by torch.save");
  if (entry.size > maxSmallBytes)
    throw malformed(access.name, `${name} of ${entry.size} bytes`, `at most ${maxSmallBytes}`);
  const bytes = new Uint8Array(entry.size);
  await access.read(entry.offset, bytes);
  return bytes;
}

/** A zip may begin with anything; a checkpoint begins with its first entry, or was written before PyTorch 1.6. */
async function checkMagic(access: ByteSource): Promise<void> {
  const magic = new Uint8Array(Math.min(4, access.size));
  await access.read(0, magic);
  if (String.fromCharCode(...magic) === "PK\u0003\u0004") return;
  const legacy = magic[0] === 0x80;
  const found = legacy ? "a checkpoint in the format before PyTorch 1.6" : "no zip archive";
  throw malformed(access.name, found, "a checkpoint written by torch.save of PyTorch 1.6 or newer");
}

function withoutPrefix(file: string, entries: readonly ZipEntry[]): Archive {
  const prefix = entries[0]?.name.split("/")[0] ?? "";
  const archive = new Map<string, ZipEntry>();
  for (const entry of entries) {
    const where = placeOf(file, entry.name);
    if (entry.method !== "stored") throw malformed(where, "compression method 8", "none (0)");
    if (!entry.name.startsWith(`${prefix}/`))
      throw malformed(where, "another folder", `everything under ${prefix}/`);
    archive.set(entry.name.slice(prefix.length + 1), entry);
  }
  return archive;
}
