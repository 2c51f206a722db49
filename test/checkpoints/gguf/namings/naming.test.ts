/** Numbers of blocks in foreign files, which are checked before that many names are made, and which naming a file has. */
import { describe, expect, it } from "vitest";
import { checkKeys, computed, requiredValue } from "../../../../src/checkpoints/gguf/namings/keys.ts";
import { blockCount, recognizes } from "../../../../src/checkpoints/gguf/namings/naming.ts";
import type { GgufFile } from "../../../../src/checkpoints/gguf/file.ts";
import type { MetadataValue } from "../../../../src/checkpoints/checkpoint.ts";

const fileOf = (metadata: Readonly<Record<string, MetadataValue>>, ...tensors: string[]): GgufFile =>
  ({
    source: "a.gguf",
    metadata: new Map(Object.entries(metadata)),
    tensors: new Map(tensors.map((name) => [name, {}])),
  }) as unknown as GgufFile;

describe("a number of blocks", () => {
  it.each([0, 1, 512])("is read: %i", (count) => {
    expect(blockCount(fileOf({ count }), "count")).toBe(count);
  });

  it.each<[MetadataValue, string]>([
    [-1, "the value -1"],
    [513, "the value 513"],
    [1.5, "the value 1.5"],
    [NaN, "the value null"],
    [Infinity, "the value null"],
    ["3", 'the value "3"'],
    [true, "the value true"],
    [[3], "the value [3]"],
  ])("is refused: %s", (count, found) => {
    expect(() => blockCount(fileOf({ count }), "count")).toThrow(
      expect.objectContaining({ code: "bad_metadata", message: expect.stringContaining(found) }),
    );
  });

  it("is refused where it is missing", () => {
    expect(() => blockCount(fileOf({}), "count")).toThrow("a.gguf, key count: the key is missing");
  });
});

describe("a naming", () => {
  const naming = { name: "n", has: ["a", "b"], lacks: ["c"], key: "k" } as unknown as Parameters<
    typeof recognizes
  >[0];

  it.each<[string, GgufFile, boolean]>([
    ["all that it has, and its key", fileOf({ k: 1 }, "a", "b", "d"), true],
    ["one tensor less", fileOf({ k: 1 }, "a", "d"), false],
    ["a tensor that it lacks", fileOf({ k: 1 }, "a", "b", "c"), false],
    ["no key of it", fileOf({}, "a", "b"), false],
  ])("is that of a file with %s", (_, file, expected) => {
    expect(recognizes(naming, file)).toBe(expected);
  });

  it("needs no key where it states none", () => {
    const { key: _, ...keyless } = naming;
    expect(recognizes(keyless, fileOf({}, "a", "b"))).toBe(true);
  });
});

describe("a key that follows from the model", () => {
  const check = (found: MetadataValue, wanted: MetadataValue): void => {
    const file = fileOf({ k: found });
    checkKeys(file, [computed("k", () => wanted)], file as unknown as Parameters<typeof checkKeys>[2]);
  };

  it.each<[MetadataValue, MetadataValue]>([
    [3, 3],
    [Math.fround(0.1), 0.1],
    ["a", "a"],
    [
      [1, 2],
      [1, 2],
    ],
  ])("may be stated: %j for %j", (found, wanted) => {
    expect(() => check(found, wanted)).not.toThrow();
  });

  it.each<[MetadataValue, MetadataValue]>([
    [3, 4],
    ["3", 3],
    [3, "3"],
    [true, false],
    [[1], [2]],
    [[3], 3],
    [3, [3]],
    ["a", "b"],
  ])("is refused with another value: %j for %j", (found, wanted) => {
    expect(() => check(found, wanted)).toThrow(
      expect.objectContaining({ code: "bad_metadata", message: expect.stringContaining("a.gguf, key k") }),
    );
  });

  it("is required where a layout needs it", () => {
    expect(requiredValue(fileOf({ k: 0 }), "k")).toBe(0);
    expect(() => requiredValue(fileOf({}), "k")).toThrow("a value, which the layout needs");
  });
});
