/** The limits on the structure of Matroska, just inside and just outside: sizes of clusters, elements to mend. */
import { describe, expect, it } from "vitest";
import { MAX_CLUSTER_BYTES } from "../../src/audio/limits.ts";
import { walkMatroska } from "../../src/audio/matroska.ts";
import { openBytes } from "../../src/platform/bytes.ts";
import type { ByteSource } from "../../src/platform/bytes.ts";
import { bytes, join } from "../helpers/builders/wav.ts";
import { CLUSTER, EBML, SEGMENT, TRACKS, VOID, element } from "../helpers/builders/webm.ts";

const head = element(EBML, new Uint8Array(0));
const tracks = element(TRACKS, new Uint8Array(0));
const time = element("e7", bytes(0));
/** The identifier, and the size in eight bytes. */
const HEADER = 4 + 8;

/** `before`, `zeros` bytes of 0, `after`: without the memory of a file of that size. */
function withZeros(before: Uint8Array, zeros: number, after: Uint8Array): ByteSource {
  const start = before.length + zeros;
  return {
    name: "large.webm",
    size: start + after.length,
    remote: false,
    async read(offset, target) {
      target.fill(0);
      for (const [at, part] of [[0, before] as const, [start, after] as const]) {
        const from = Math.max(offset, at);
        const to = Math.min(offset + target.length, at + part.length);
        if (from < to) target.set(part.subarray(from - at, to - at), from - offset);
      }
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

describe("a cluster", () => {
  /** Its last element, a time, begins after `size` bytes of others. */
  function cluster(size: number): ByteSource {
    const length = new DataView(new ArrayBuffer(8));
    length.setBigUint64(0, (1n << 56n) | BigInt(size - 1 - 8));
    const passed = join(bytes(0xec), new Uint8Array(length.buffer));
    const unknown = element(CLUSTER, passed, "unknown");
    const before = join(head, element(SEGMENT, join(tracks, unknown), "unknown"));
    return withZeros(before, size - passed.length, time);
  }

  it("of 256 MiB and a last element is read", async () => {
    const source = cluster(MAX_CLUSTER_BYTES);
    const { end, faults } = await walkMatroska(source);
    expect([end, faults]).toEqual([source.size, []]);
  });

  it("that goes on a byte later is refused", async () => {
    await expect(walkMatroska(cluster(MAX_CLUSTER_BYTES + 1))).rejects.toMatchObject({
      code: "unsupported_encoding",
      message: expect.stringContaining(`a cluster of more than ${MAX_CLUSTER_BYTES} bytes`),
    });
  });
});

describe("a size in few bytes that is too small", () => {
  /** A cluster of `length` bytes whose size, these bytes, says less. */
  const file = (size: readonly number[], length: number): ByteSource => {
    const content = join(time, element(VOID, new Uint8Array(length - time.length - 1 - 8)));
    const cluster = join(Uint8Array.from(Buffer.from(CLUSTER, "hex")), bytes(...size), content);
    return openBytes(join(head, element(SEGMENT, join(tracks, cluster))), "short.webm");
  };
  const sizeAt = head.length + HEADER + tracks.length + 4;

  it.each([
    ["one byte", [0x80], 2 ** 7 - 2],
    ["two bytes", [0x40, 0], 2 ** 14 - 2],
    ["an unknown one in two bytes", [0x7f, 0xff], 2 ** 14 - 2],
  ] as const)(
    "is mended while the true one fits into %s, and refused from then on",
    async (_, size, most) => {
      const source = file(size, most);
      const { view, faults } = await walkMatroska(source);
      const written = new Uint8Array(size.length);
      await view.read(sizeAt, written);
      const mark = 2 ** (7 * size.length);
      expect(written.reduce((value, byte) => value * 256 + byte, 0)).toBe(mark + most);
      expect(faults).toEqual([]);
      await expect(walkMatroska(file(size, most + 1))).rejects.toMatchObject({
        code: "unsupported_encoding",
        message: expect.stringContaining(`a wrong size at byte ${sizeAt}`),
      });
    },
  );
});

it("an unknown size in one byte stays, where the true one has no place in it", async () => {
  for (const length of [100, 200]) {
    const content = join(time, element(VOID, new Uint8Array(length)));
    const cluster = element(CLUSTER, content, "unknown in a byte");
    const file = join(head, element(SEGMENT, join(tracks, cluster)));
    const { view, faults } = await walkMatroska(openBytes(file, "live.webm"));
    const size = new Uint8Array(1);
    await view.read(head.length + HEADER + tracks.length + 4, size);
    expect([faults, size[0]]).toEqual([[], length === 100 ? 0x80 + content.length : 0xff]);
  }
});

it("a header without a segment, and damage before the first cluster, are refused", async () => {
  const cluster = element(CLUSTER, time);
  const junk = new Uint8Array(50).fill(0x55);
  const files: readonly (readonly [Uint8Array, string])[] = [
    [head, "no segment behind the header"],
    [join(head, tracks), "no segment behind the header"],
    [join(tracks, element(SEGMENT, join(tracks, cluster))), "no segment behind the header"],
    [join(head, element(SEGMENT, join(tracks, junk, cluster))), "no whole element of a segment at byte"],
  ];
  for (const [file, found] of files)
    await expect(walkMatroska(openBytes(file, "a.webm"))).rejects.toMatchObject({
      code: "unsupported_encoding",
      message: expect.stringContaining(found),
    });
  const damaged = join(head, element(SEGMENT, join(tracks, cluster, junk, cluster)));
  expect((await walkMatroska(openBytes(damaged, "a.webm"))).faults).toEqual([
    "50 bytes are damaged and were left out",
  ]);
});

it("as many elements as the limit are mended, and one more is refused", async () => {
  const limit = 1000;
  const file = (count: number): ByteSource => {
    const passed = Array.from({ length: count }, () => bytes(0xec, 0x80));
    return openBytes(join(head, element(SEGMENT, join(...passed))), "mends.webm");
  };
  const source = file(limit);
  expect(await walkMatroska(source, limit)).toMatchObject({ end: source.size, faults: [] });
  await expect(walkMatroska(file(limit + 1), limit)).rejects.toMatchObject({
    code: "unsupported_encoding",
    message: expect.stringContaining(`more than ${limit} elements to mend`),
  });
  await expect(walkMatroska(file(limit + 1))).resolves.toMatchObject({ faults: [] });
});
