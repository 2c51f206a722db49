/** What a failure of a WebAssembly decoder, or of what it is given, becomes. */
import { expect, it, vi } from "vitest";
import { decodePieces } from "../../src/audio/compressed.ts";
import { AudioError, FileError, FunAsrError } from "../../src/errors.ts";

/** The error of a decoding whose second part fails like this, and whether the decoder was freed. */
async function failure(fail: () => never): Promise<{ error: unknown; freed: boolean }> {
  let freed = false;
  const decoder = {
    ready: Promise.resolve(),
    decode: (part: number) => {
      if (part === 2) fail();
      return { channelData: [Float32Array.of(0.5)], samplesDecoded: 1, sampleRate: 16_000, errors: [] };
    },
    free: () => void (freed = true),
  };
  const parts = async function* (): AsyncGenerator<number> {
    yield 1;
    yield 2;
  };
  const pieces = decodePieces("a.flac", async () => decoder, parts());
  expect(await pieces.next()).toMatchObject({ done: false, value: { sampleRate: 16_000 } });
  const error = await pieces.next().catch((caught: unknown) => caught);
  return { error, freed };
}

it.each([
  ["an error of a file", new FileError("file_unreadable", "a.flac", "the disk is gone")],
  ["an error of audio", new AudioError("non_finite", "a.flac", "sample 7 is NaN")],
  ["an abort", new DOMException("stop", "AbortError")],
])("%s is passed on as it is", async (_, cause) => {
  const { error, freed } = await failure(() => {
    throw cause;
  });
  expect(error).toBe(cause);
  expect(freed).toBe(true);
});

it("a decoder's own error, also one of no class, becomes one of malformed audio", async () => {
  for (const cause of [new RangeError("table index is out of bounds"), "stack overflow"]) {
    const { error, freed } = await failure(() => {
      throw cause;
    });
    expect(error).toBeInstanceOf(FunAsrError);
    expect(error).toMatchObject({
      code: "audio_malformed",
      where: "a.flac",
      message: expect.stringContaining(`the decoder failed: ${String(cause)}`),
      cause,
    });
    expect(freed).toBe(true);
  }
});

it("an engine without WebAssembly is refused before a decoder is made", async () => {
  vi.stubGlobal("WebAssembly", undefined);
  try {
    const create = vi.fn<() => never>();
    const pieces = decodePieces("a.flac", create, (async function* (): AsyncGenerator<number> {})());
    await expect(pieces.next()).rejects.toMatchObject({
      code: "unsupported_encoding",
      message: expect.stringContaining("this JavaScript engine runs without WebAssembly"),
    });
    expect(create).not.toHaveBeenCalled();
  } finally {
    vi.unstubAllGlobals();
  }
});
