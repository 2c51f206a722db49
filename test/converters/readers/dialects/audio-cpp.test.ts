/** audio.cpp's files as its converter writes them and as older ones are, and damaged ones. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { writeGguf } from "../../../../converters/writers/node.ts";
import { openCheckpoint } from "../../../../src/architectures/open.ts";
import { copyOf, openGguf, string, strings } from "../../../../src/checkpoints/gguf/index.ts";
import type { TypedValue } from "../../../../src/checkpoints/gguf/index.ts";
import { fixture } from "../../../helpers/environment/fixtures.ts";
import { temporaryFolder } from "../../../helpers/environment/temporary.ts";

const source = fixture("dialects/audio-cpp/fun-asr-nano-f16.gguf");
const files = "audiocpp.embedded_files";

/** The file with other values of some keys; without a key where the value is undefined. */
async function changed(values: Readonly<Record<string, TypedValue | undefined>>): Promise<string> {
  await using file = await openGguf(source);
  const metadata = new Map(file.typedMetadata);
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined) metadata.delete(key);
    else metadata.set(key, value);
  }
  const path = join(await temporaryFolder(), "changed.gguf");
  await writeGguf(path, { metadata, tensors: [...file.tensors.values()].map((tensor) => copyOf(tensor)) });
  return path;
}

const isComplete = async (path: string): Promise<boolean> => {
  await using checkpoint = await openCheckpoint(path);
  return checkpoint.tensors.size === 129;
};

test("a file states its container and its dialect", async () => {
  await using checkpoint = await openCheckpoint(source);
  expect(checkpoint.notes).toContain("audio.cpp's container of Transformers Fun-ASR-Nano");
});

test("and that of an earlier revision, which audio.cpp's own files are in", async () => {
  await using checkpoint = await openCheckpoint(fixture("dialects/audio-cpp/fun-asr-nano-q8_0.gguf"));
  expect(checkpoint.notes).toContain("audio.cpp's container of Transformers Fun-ASR-Nano (split tower)");
  expect(checkpoint.metadata.get("fun-asr-nano.encoder.tp_blocks")).toBe(2);
});

test("names that GGUF has no room for are read from the header", async () => {
  await using file = await openGguf(source);
  const short = [...file.tensors.keys()].filter((name) => name.startsWith("_audiocpp."));
  expect(short.length).toBeGreaterThan(0);
  expect(await isComplete(source)).toBe(true);
});

describe("older files are read", () => {
  test("without a description of the package", async () => {
    const none = Object.fromEntries(
      ["version", "family", "json"].map((key) => [`audiocpp.model_spec.${key}`, undefined]),
    );
    expect(await isComplete(await changed(none))).toBe(true);
  });

  test("with the files as texts", async () => {
    await using file = await openGguf(source);
    const data = file.metadata.get(`${files}.data`) as Uint8Array;
    const offsets = file.metadata.get(`${files}.offsets`) as readonly number[];
    const texts = offsets.slice(1).map((end, i) => new TextDecoder().decode(data.subarray(offsets[i], end)));
    const path = await changed({
      [`${files}.contents`]: strings(texts),
      [`${files}.data`]: undefined,
      [`${files}.offsets`]: undefined,
    });
    expect(await isComplete(path)).toBe(true);
  });
});

describe("refused are", () => {
  const integers = (type: "int32" | "int64" | "uint64", value: readonly number[]): TypedValue => ({
    type,
    array: true,
    value,
  });
  test.each<[string, Readonly<Record<string, TypedValue | undefined>>, string, RegExp]>([
    [
      "another family",
      { "audiocpp.model_spec.family": string("qwen3_asr") },
      "unknown_architecture",
      /audio\.cpp's family qwen3_asr/,
    ],
    ["no files within", { [`${files}.names`]: undefined }, "file_not_found", /no config\.json in the file/],
    [
      "offsets beyond the data",
      { [`${files}.offsets`]: integers("uint64", [0, 1, 2, 3, 2 ** 40]) },
      "bad_metadata",
      /offsets: 5 offsets; wanted 5 that rise/,
    ],
    [
      "too few names",
      { "audiocpp.tensor_names": strings(["a"]) },
      "bad_metadata",
      /1 names; wanted \d+, one for each/,
    ],
    ["no shapes", { "audiocpp.tensor_shapes": undefined }, "bad_metadata", /tensor_shapes: nothing/],
    [
      "shapes of other sizes",
      {
        "audiocpp.tensor_shapes": integers(
          "int64",
          Array.from({ length: 400 }, () => 1),
        ),
      },
      "bad_metadata",
      /tensor_shapes of .*wanted \[/,
    ],
    [
      "too few ranks",
      { "audiocpp.tensor_ranks": integers("int64", [1]) },
      "bad_metadata",
      /149 names; wanted 149/,
    ],
    ["no names", { "audiocpp.tensor_names": strings([]) }, "bad_metadata", /: 0 names; wanted 149/],
    [
      "numbers for names",
      { "audiocpp.tensor_names": integers("int64", [1]) },
      "bad_metadata",
      /another value; wanted an array of strings/,
    ],
    [
      "too few offsets",
      { [`${files}.offsets`]: integers("uint64", [0, 1]) },
      "bad_metadata",
      /2 offsets; wanted 5/,
    ],
    [
      "a name twice",
      { "audiocpp.tensor_names": strings(Array.from({ length: 149 }, () => "a")) },
      "bad_metadata",
      /tensor_names: a name twice/,
    ],
  ])("%s", async (_, values, code, message) => {
    const error = await openCheckpoint(await changed(values)).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) as string });
  });
});
