import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { pipeSource } from "../../src/audio/pipe.ts";
import { openBlob, openBytes, readUpTo } from "../../src/platform/bytes.ts";
import type { ByteSource } from "../../src/platform/bytes.ts";
import { openSource } from "../../src/platform/open-source.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

const bytes = Uint8Array.from({ length: 100 }, (_, i) => i);

async function* stream(): AsyncGenerator<Uint8Array> {
  yield bytes.slice(0, 33);
  yield bytes.slice(33);
}

async function onDisk(): Promise<string> {
  const path = join(await temporaryFolder(), "bytes");
  await writeFile(path, bytes);
  return path;
}

const sources: readonly [string, () => Promise<ByteSource>][] = [
  ["a path", async () => openSource(await onDisk())],
  ["a file: address", async () => openSource(pathToFileURL(await onDisk()))],
  ["bytes", async () => openSource(bytes)],
  ["a blob", async () => openSource(new Blob([bytes]))],
  ["a stream", async () => pipeSource(stream(), "stream")],
];

describe.each(sources)("%s", (_, open) => {
  it("fills the caller's buffer from any byte on", async () => {
    await using source = await open();
    const target = new Uint8Array(40);
    await source.read(20, target);
    expect(target).toEqual(bytes.slice(20, 60));
  });

  it("gives what is left before its end, and fails beyond it", async () => {
    await using source = await open();
    expect(await readUpTo(source, 90, 40)).toEqual(bytes.slice(90));
    expect(await readUpTo(source, 100, 1)).toEqual(new Uint8Array(0));
    expect(source.size).toBe(100);
    await expect(source.read(90, new Uint8Array(40))).rejects.toMatchObject({
      name: "FileError",
      code: "file_unreadable",
    });
  });
});

it("a caller's signal stops a read", async () => {
  const signal = AbortSignal.abort(new Error("stop"));
  const opened = [openBytes(bytes), openBlob(new Blob([bytes])), await openSource(await onDisk())];
  for (const each of opened) {
    await using source = each;
    await expect(source.read(0, new Uint8Array(1), signal)).rejects.toThrow("stop");
  }
});

it("a file that does not exist is the same error for every reader", async () => {
  const path = "/nowhere/file.wav";
  const { loadAudio } = await import("../../src/audio/container.ts");
  const { nodePlatform } = await import("../../src/adapters/node/platform.ts");
  const attempts = [() => openSource(path), () => loadAudio(path), () => nodePlatform.readText(path)];
  for (const attempt of attempts) {
    await expect(attempt()).rejects.toMatchObject({
      name: "FileError",
      code: "file_not_found",
      where: path,
      message: `${path}: there is no such file`,
    });
  }
});
