/** GGUF files that are hostile in their table of tensors or in their data. */
import { hostileTensor, most64, oneTensor } from "./hostile-gguf.ts";
import type { HostileGguf } from "./hostile-gguf.ts";
import { RawGguf, validGguf } from "./raw-gguf.ts";

const named = (name: string | Uint8Array): RawGguf => oneTensor().tensor(name, [8n], 0, 0n).pad().zeros(32);
const twoTensors = (second: bigint): RawGguf =>
  new RawGguf({ tensors: 2n }).tensor("a", [8n], 0, 0n).tensor("b", [8n], 0, second).pad().zeros(96);

export const hostileTensors: readonly HostileGguf[] = [
  ["a tensor without a name", "gguf_malformed", () => named("")],
  ["a tensor name of 64 bytes", "gguf_limit", () => named("n".repeat(64))],
  [
    "a tensor name length of 2^62",
    "gguf_limit",
    () =>
      oneTensor()
        .string("t", 2n ** 62n)
        .zeros(64),
  ],
  ["a tensor name that is not UTF-8", "gguf_malformed", () => named(Uint8Array.of(0xfe))],
  ["a tensor name with an escape sequence", "gguf_malformed", () => named("\u001B]0;owned\u0007")],
  [
    "two tensors of one name",
    "gguf_malformed",
    () => new RawGguf({ tensors: 2n }).tensor("t", [8n], 0, 0n).tensor("t", [8n], 0, 32n).pad().zeros(64),
  ],
  ["no dimension", "gguf_malformed", () => hostileTensor([], 0)],
  ["five dimensions", "gguf_malformed", () => hostileTensor([1n, 1n, 1n, 1n, 1n], 0)],
  ["2^32 - 1 dimensions", "gguf_malformed", () => hostileTensor([8n], 0, 0n, 2 ** 32 - 1)],
  ["a dimension of 0", "gguf_malformed", () => hostileTensor([8n, 0n], 0)],
  ["a dimension of 2^32 + 1", "gguf_limit", () => hostileTensor([2n ** 32n + 1n], 0)],
  ["a dimension of 2^64 - 1", "gguf_limit", () => hostileTensor([most64], 0)],
  ["dimensions whose product wraps to 0", "gguf_truncated", () => hostileTensor([2n ** 32n, 2n ** 32n], 0)],
  [
    "dimensions whose product wraps to 8",
    "gguf_truncated",
    () => hostileTensor([2n ** 32n, 2n ** 31n, 2n, 8n], 0),
  ],
  ["exabytes", "gguf_truncated", () => hostileTensor([2n ** 32n, 2n ** 26n], 0)],
  ["a format without decoder, Q2_K", "unsupported_format", () => hostileTensor([256n], 10)],
  ["a format that was removed, Q4_2", "unsupported_format", () => hostileTensor([32n], 4)],
  ["a format of integers, I32", "unsupported_format", () => hostileTensor([8n], 26)],
  ["format 9999", "unsupported_format", () => hostileTensor([8n], 9_999)],
  ["format 2^32 - 1", "unsupported_format", () => hostileTensor([8n], 2 ** 32 - 1)],
  ["rows of 33 in Q8_0", "gguf_malformed", () => hostileTensor([33n], 8)],
  ["rows of 100 in Q4_K", "gguf_malformed", () => hostileTensor([100n, 8n], 12)],
  ["rows of 8 in Q4_0 whose columns would do", "gguf_malformed", () => hostileTensor([8n, 32n], 2)],
  ["an offset that is not aligned", "gguf_malformed", () => hostileTensor([8n], 0, 1n)],
  ["an offset of 2^64 - 32", "gguf_malformed", () => hostileTensor([8n], 0, 2n ** 64n - 32n)],
  ["a hole before the first tensor", "gguf_malformed", () => hostileTensor([8n], 0, 32n)],
  ["a hole between two tensors", "gguf_malformed", () => twoTensors(64n)],
  ["two tensors in one place", "gguf_malformed", () => twoTensors(0n)],
  ["a tensor that ends after the file", "gguf_truncated", () => hostileTensor([9n], 0)],
  ["a table without data", "gguf_truncated", () => oneTensor().tensor("t", [8n], 0, 0n)],
  [
    "half a row of the table",
    "gguf_truncated",
    () =>
      hostileTensor([8n], 0)
        .bytes()
        .subarray(0, 24 + 9 + 4 + 5),
  ],
  [
    "less data than the second tensor needs",
    "gguf_truncated",
    () => twoTensors(32n).bytes().subarray(0, -40),
  ],
  ["data after the last tensor", "gguf_malformed", () => hostileTensor([8n], 0).zeros(32)],
  [
    "another file after the last tensor",
    "gguf_malformed",
    () => hostileTensor([8n], 0).raw(validGguf().bytes()),
  ],
  [
    "text in the last padding",
    "gguf_malformed",
    () => oneTensor().tensor("t", [2n], 0, 0n).pad().zeros(8).raw(Buffer.from("secret")),
  ],
  [
    "a byte of padding that is not zero",
    "gguf_malformed",
    () => oneTensor().tensor("t", [2n], 0, 0n).pad().zeros(8).u8(1),
  ],
  [
    "text in the padding of the header",
    "gguf_malformed",
    () => {
      const bytes = hostileTensor([8n], 0).bytes();
      bytes.write("x", 24 + 9 + 4 + 8 + 4 + 8);
      return bytes;
    },
  ],
  ["data after a file without tensors", "gguf_malformed", () => new RawGguf().zeros(4_096)],
];
