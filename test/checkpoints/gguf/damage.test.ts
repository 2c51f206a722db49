import { describe, expect, test } from "vitest";
import { openGguf } from "../../../src/checkpoints/gguf/index.ts";
import { survey } from "../../../tools/fuzz/survey.ts";
import { validGguf } from "../../helpers/builders/raw-gguf.ts";

const valid = validGguf();
const original = valid.bytes();

/** Opens a file and reads all of it; returns what went wrong, if anything. */
async function readAll(bytes: Uint8Array): Promise<unknown> {
  try {
    await using file = await openGguf(bytes);
    for (const tensor of file.tensors.values()) await tensor.read(new Uint8Array(tensor.byteLength));
    return undefined;
  } catch (error) {
    return error;
  }
}

describe("damaged GGUF", () => {
  test("the original is read", async () => {
    expect(await readAll(original)).toBeUndefined();
  });

  test("a file that was cut off anywhere is refused", async () => {
    const padding = 96 - 2 * 34; // the last tensor's, which a file may lack
    for (let length = 0; length < original.length - padding; length++) {
      const error = await readAll(original.subarray(0, length));
      const code = length < 4 ? "not_gguf" : "gguf_truncated";
      expect(error, `${length} bytes`).toMatchObject({ code });
    }
    expect(await readAll(original.subarray(0, original.length - padding))).toBeUndefined();
  });

  test("2,000 mutants are read or refused, and nothing else happens", async () => {
    const { read, refused } = await survey("gguf", 0, 2_000);
    // damage to weights, values and names is no fault of the format; most damage is
    expect(read).toBeGreaterThan(50);
    expect(refused).toBeGreaterThan(1_000);
  });
});
