/**
 * What keys, values and the tensor table of a GGUF header are made of: counts, names and strings, each compared with
 * its limit and with the rest of the file before it is used.
 */
import { incomplete } from "./bytes.ts";
import type { HeaderBytes } from "./bytes.ts";
import { limits } from "./limits.ts";

/** A count of things that take at least `minBytes` each; its eight bytes are loaded already. */
export function guardCount(bytes: HeaderBytes, most: number, minBytes: number, what: string): number {
  const offset = bytes.position;
  const count = bytes.uint64();
  if (count > most) {
    throw bytes.fault("gguf_limit", what, `${count} are declared`, { offset, wanted: `at most ${most}` });
  }
  if (count * BigInt(minBytes) > bytes.left) {
    const found = `${count} are declared and the file has ${bytes.left} bytes left`;
    throw bytes.fault("gguf_truncated", what, found, { offset, remedy: incomplete });
  }
  return Number(count);
}

/** A key or a tensor's name. They are shown on terminals, so they are printable ASCII. */
export async function guardName(bytes: HeaderBytes, what: string, most: number): Promise<string> {
  const offset = bytes.position;
  await bytes.need(8, what);
  const length = bytes.uint64();
  if (length === 0n) throw bytes.fault("gguf_malformed", what, "the name is empty", { offset });
  if (length > most) {
    throw bytes.fault("gguf_limit", what, `a name of ${length} bytes`, { offset, wanted: `at most ${most}` });
  }
  await bytes.need(length, what);
  const name = bytes.utf8(Number(length));
  if (name === undefined || !/^[!-~]+$/.test(name)) {
    const wanted = "printable ASCII without spaces";
    throw bytes.fault("gguf_malformed", what, "the name has other characters", { offset, wanted });
  }
  return name;
}

/**
 * A string value. A promise only where bytes have to be fetched first: awaiting each of 300,000 vocabulary entries
 * would take longer than decoding them.
 */
export function guardString(bytes: HeaderBytes, what: string): string | Promise<string> {
  if (!bytes.has(8)) return bytes.need(8, what).then(() => guardString(bytes, what));
  const offset = bytes.position;
  const length = bytes.uint64();
  if (length > limits.stringBytes) {
    const wanted = `at most ${limits.stringBytes}`;
    throw bytes.fault("gguf_limit", what, `a string of ${length} bytes`, { offset, wanted });
  }
  const decode = (): string => {
    const text = bytes.utf8(Number(length));
    if (text === undefined)
      throw bytes.fault("gguf_malformed", what, "a string that is not UTF-8", { offset });
    return text;
  };
  return bytes.has(Number(length)) ? decode() : bytes.need(length, what).then(decode);
}
