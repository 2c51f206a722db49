/** Zip archives: entries with trees of their own as content, and a directory that is right but for what a mutant changes. */
import { zipEntries } from "../../../src/adapters/node/zip/entries.ts";
import { malformed } from "../../../src/checkpoints/malformed.ts";
import { openBytes } from "../../../src/platform/bytes.ts";
import { block, data, number, readNumber, size, text } from "../structure/part.ts";
import type { Part } from "../structure/part.ts";

/** The tree of an entry's content, by its name. */
export type ContentOf = (name: string, content: Buffer) => Part;

export async function zip(bytes: Buffer, contentOf: ContentOf): Promise<Part> {
  const entries = await zipEntries(openBytes(bytes), malformed);
  return block(
    entries.map(({ name, method, offset, size: inflated, storedSize }) => {
      const content = bytes.subarray(offset, offset + storedSize);
      const isStored = method === "stored";
      return block([
        block([text(name)], { size: size({ order: "le", width: 2 }) }),
        number(isStored ? 0 : 8, "le", 2),
        number(0, "le", 2), // flags
        number(isStored ? 0 : inflated - storedSize, "le", 4), // what it inflates to, beyond what is stored
        number(0, "le", 4), // how far its offset in the directory is off
        isStored ? contentOf(name, content) : data(content),
      ]);
    }),
    { join: archive },
  );
}

const FIELDS = 12;

/** From entries as they are written above to an archive. */
function archive(entries: readonly Buffer[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const at = 2 + Number(readNumber(entry, 0, "le", 2));
    const name = entry.subarray(2, at);
    const field = (from: number, width: number): number => Number(readNumber(entry, at + from, "le", width));
    const content = entry.subarray(at + FIELDS);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(field(2, 2), 2);
    common.writeUInt16LE(field(0, 2), 4);
    common.writeUInt32LE(content.length, 14);
    common.writeUInt32LE((content.length + field(4, 4)) % 2 ** 32, 18);
    common.writeUInt16LE(name.length, 22);
    files.push(Buffer.from("PK\u0003\u0004", "latin1"), common, name, content);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE((offset + field(8, 4)) % 2 ** 32, 10);
    directory.push(Buffer.from("PK\u0001\u0002\u0014\0", "latin1"), common, rest, name);
    offset += 4 + common.length + name.length + content.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\u0005\u0006", "latin1");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...files, list, end]);
}
