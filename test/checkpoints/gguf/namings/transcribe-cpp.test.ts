/** Variants that transcribe.cpp's files can state and no published model is; and what an older file leaves out. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { writeGguf } from "../../../../converters/writers/node.ts";
import { openCheckpoint } from "../../../../src/architectures/open.ts";
import { copyOf, openGguf, string, uint32 } from "../../../../src/checkpoints/gguf/index.ts";
import type { TypedValue } from "../../../../src/checkpoints/gguf/index.ts";
import { fixture } from "../../../helpers/environment/fixtures.ts";
import { temporaryFolder } from "../../../helpers/environment/temporary.ts";

/** A file of the converter's with other values; without a key where the value is undefined. */
async function changed(
  name: string,
  values: Readonly<Record<string, TypedValue | undefined>>,
): Promise<string> {
  await using file = await openGguf(fixture(`dialects/transcribe-cpp/${name}.gguf`));
  const given = Object.keys(values);
  const kept = [...file.typedMetadata].filter(([key]) => !given.includes(key));
  const added = Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : ([[key, value]] as const),
  );
  const path = join(await temporaryFolder(), "changed.gguf");
  const tensors = [...file.tensors.values()].map((tensor) => copyOf(tensor));
  await writeGguf(path, { metadata: new Map([...kept, ...added]), tensors });
  return path;
}

describe("refused are", () => {
  test.each([
    ["sensevoice", "stt.sensevoice.encoder.sanm_shift", 1, /sanm_shift: the value 1; wanted 0/],
    ["sensevoice", "stt.sensevoice.special.lang_zh", 5, /lang_zh: the value 5; wanted 3/],
    ["funasr_nano", "stt.funasr_nano.encoder.sanm_shift", 5, /sanm_shift: the value 5; wanted 0/],
    ["funasr_nano", "stt.funasr_nano.adaptor.downsample_rate", 2, /downsample_rate: the value 2; wanted 1/],
  ])("%s: %s of %i", async (name, key, value, message) => {
    const opening = openCheckpoint(await changed(name, { [key]: uint32(value) }));
    await expect(opening).rejects.toThrow(message);
  });
});

describe("a file that does not state the frame rate", () => {
  const frameRate = async (variant: string, options = {}): Promise<unknown> => {
    const path = await changed("funasr_nano", {
      "stt.funasr_nano.adaptor.use_low_frame_rate": undefined,
      "stt.variant": string(variant),
    });
    await using checkpoint = await openCheckpoint(path, options);
    return checkpoint.metadata.get("fun-asr-nano.adaptor.use_low_frame_rate");
  };

  test("is decided by the option, then by the name of the checkpoint", async () => {
    expect(await frameRate("fun-asr-nano-2512")).toBe(true);
    expect(await frameRate("fun-asr-mlt-nano-2512")).toBe(false);
    expect(await frameRate("fun-asr-mlt-nano-2512", { useLowFrameRate: true })).toBe(true);
  });
});
