/** The checksum of a page: of all of its bytes but its own four. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { checksum } from "../../src/audio/ogg.ts";

const file = new Uint8Array(readFileSync(resolve(import.meta.dirname, "compressed/mono.ogg")));
/** The first page: a header of 27 bytes, a table of one segment, the segment. */
const page = file.slice(0, 28 + file[27]!);

it("is that which an encoder has written", () => {
  expect(page[26]).toBe(1);
  expect(checksum(page)).toBe(new DataView(page.buffer).getUint32(22, true));
});

it("follows from every byte but those of the checksum", () => {
  const wanted = checksum(page);
  for (let at = 0; at < page.length; at++) {
    const changed = checksum(page.with(at, page[at]! ^ 0x40));
    if (at >= 22 && at < 26) expect(changed, `byte ${at}`).toBe(wanted);
    else expect(changed, `byte ${at}`).not.toBe(wanted);
  }
});
