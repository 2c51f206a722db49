import { beforeAll, describe, expect, test } from "vitest";
import { FunAsrError } from "../../../src/errors.ts";
import { HeaderBytes } from "../../../src/checkpoints/gguf/bytes.ts";
import type { ByteSource } from "../../../src/platform/bytes.ts";
import { openGguf } from "../../../src/checkpoints/gguf/index.ts";
import { hostileHeaders } from "../../helpers/builders/hostile-gguf.ts";
import type { HostileGguf } from "../../helpers/builders/hostile-gguf.ts";
import { hostileTensors } from "../../helpers/builders/hostile-gguf-tensors.ts";
import { RawGguf, type, validGguf } from "../../helpers/builders/raw-gguf.ts";

const rows: readonly HostileGguf[] = [...hostileHeaders, ...hostileTensors];
const bytesOf = (file: RawGguf | Uint8Array): Uint8Array => (file instanceof RawGguf ? file.bytes() : file);

async function outcome(bytes: Uint8Array): Promise<unknown> {
  try {
    await using file = await openGguf(bytes);
    return file.tensors.size;
  } catch (error) {
    return error;
  }
}

describe("hostile GGUF", () => {
  // loads and warms what the first row would otherwise pay for
  beforeAll(async () => void (await outcome(validGguf().bytes())));

  test("the original file is valid", async () => {
    expect(await outcome(validGguf().bytes())).toBe(3);
  });

  test("there are at least 70 kinds", () => {
    expect(rows.length).toBeGreaterThanOrEqual(70);
    expect(new Set(rows.map(([title]) => title)).size).toBe(rows.length);
  });

  test.for(rows)("%s: %s", async ([, code, file]) => {
    const bytes = bytesOf(file());
    const before = { cpu: process.cpuUsage(), memory: process.memoryUsage() };
    const error = await outcome(bytes);
    const cpu = process.cpuUsage(before.cpu);
    const memory = process.memoryUsage();

    expect(error).toBeInstanceOf(FunAsrError);
    expect(error).toMatchObject({ code, where: expect.stringMatching(/^buffer, byte \d+/) as string });
    // what a refusal may cost: a hostile file must not buy time or memory
    expect((cpu.user + cpu.system) / 1_000).toBeLessThan(250);
    const grown = memory.heapUsed + memory.external - before.memory.heapUsed - before.memory.external;
    expect(grown).toBeLessThan(32 * 2 ** 20 + bytes.length);
  });
});

describe("counts and lengths at their bounds", () => {
  const keys = (count: bigint, space: number): RawGguf => new RawGguf({ keys: count }).zeros(space);

  test.for([
    ["keys", () => keys(1000n, 100), "1000 are declared and the file has 100 bytes left"],
    ["tensors", () => new RawGguf({ tensors: 500n }).zeros(100), "500 are declared"],
    [
      "texts of an array",
      () => new RawGguf({ keys: 1n }).key("a", 9).u32(8).u64(50n).zeros(399),
      "50 are declared and the file has 399 bytes left",
    ],
  ] as const)(
    "more %s than the rest of the file can hold are refused by their number",
    async ([, file, found]) => {
      const error = await outcome(file().bytes());
      expect(error).toMatchObject({
        code: "gguf_truncated",
        message: expect.stringContaining(found) as string,
      });
    },
  );

  test.for([
    ["an empty key", () => new RawGguf({ keys: 1n }).string("").zeros(20), "the name is empty"],
    [
      "a tensor twice",
      () => new RawGguf({ tensors: 2n }).tensor("a", [1n], 0, 0n).tensor("a", [1n], 0, 32n).zeros(99),
      "the name occurs twice",
    ],
    [
      "a dimension of nothing",
      () => new RawGguf({ tensors: 1n }).tensor("a", [4n, 0n], 0, 0n).zeros(99),
      "dimension 1 is 0",
    ],
  ] as const)("%s is refused as such", async ([, file, found]) => {
    expect(await outcome(file().bytes())).toMatchObject({
      code: "gguf_malformed",
      message: expect.stringContaining(found) as string,
    });
  });

  test("a header of 40 MiB is read, one byte more is refused", async () => {
    const empty: ByteSource = {
      name: "large.gguf",
      size: 2 ** 30,
      remote: false,
      read: async () => {},
      [Symbol.asyncDispose]: async () => {},
    };
    const bytes = new HeaderBytes(empty);
    await bytes.need(40 * 2 ** 20, "vocabulary");
    expect(bytes.has(40 * 2 ** 20)).toBe(true);
    await expect(bytes.need(40 * 2 ** 20 + 1, "vocabulary")).rejects.toMatchObject({
      code: "gguf_limit",
      message: expect.stringContaining("the header is longer than 41943040 bytes") as string,
    });
  });

  test("versions 2 and 3 are read", async () => {
    for (const version of [2, 3]) expect(await outcome(new RawGguf({ version }).pad().bytes())).toBe(0);
    for (const version of [1, 4])
      expect(await outcome(new RawGguf({ version }).pad().bytes())).toMatchObject({ code: "gguf_version" });
  });

  test("a key of 256 bytes is read, one byte more is refused", async () => {
    const file = (length: number): RawGguf =>
      new RawGguf({ keys: 1n }).key("k".repeat(length), type.u8).u8(1).pad();
    expect(await outcome(file(256).bytes())).toBe(0);
    expect(await outcome(file(257).bytes())).toMatchObject({ code: "gguf_limit" });
  });

  test("a string of 1 MiB is read, one byte more is refused", async () => {
    const file = (length: number): RawGguf =>
      new RawGguf({ keys: 1n }).key("a", 8).string("x".repeat(length)).pad();
    expect(await outcome(file(2 ** 20).bytes())).toBe(0);
    expect(await outcome(file(2 ** 20 + 1).bytes())).toMatchObject({ code: "gguf_limit" });
  });
});

describe("keys of a split model", () => {
  /** What a file in memory with these values of `split.count` and `split.no` is refused with. */
  const message = async (count: Value, number: Value): Promise<string> => {
    const file = new RawGguf({ keys: 2n });
    for (const [key, [id, bytes]] of [["split.count", count] as const, ["split.no", number] as const])
      file.key(key, id).raw(bytes);
    const error = await outcome(file.pad().bytes());
    return error instanceof FunAsrError ? error.message : "";
  };
  type Value = readonly [type: number, bytes: Uint8Array];
  const u32 = (value: number): Value => [type.u32, new Uint8Array(Uint32Array.of(value).buffer)];
  const f32 = (value: number): Value => [type.f32, new Uint8Array(Float32Array.of(value).buffer)];
  const text: Value = [type.string, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0x31)];

  test("have a count of 1 to 1000", async () => {
    expect(await message(u32(1), u32(0))).toBe("");
    expect(await message(u32(1000), u32(0))).toContain("part 1 of 1000");
    for (const count of [u32(0), u32(1001), f32(1.5), f32(-1), f32(NaN), text])
      expect(await message(count, u32(0))).toContain("files; wanted 1 to 1000");
  });

  test("have a number below the count", async () => {
    expect(await message(u32(3), u32(2))).toContain("part 3 of 3");
    for (const number of [u32(3), f32(0.5), f32(-1), f32(NaN), text])
      expect(await message(u32(3), number)).toContain("wanted 0 to 2");
  });
});
