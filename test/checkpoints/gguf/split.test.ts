/**
 * Split GGUF files written by Python's gguf (fixtures/checkpoints/make_split.py) are the file that was split, given any
 * part of them.
 */
import { copyFile, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { compareModels } from "../../../converters/compare.ts";
import { openCheckpoint } from "../../../src/architectures/open.ts";
import { openGguf } from "../../../src/checkpoints/gguf/index.ts";
import type { GgufSource } from "../../../src/checkpoints/gguf/index.ts";
import { openModel } from "../../../src/containers/open-paths.ts";
import { fixture } from "../../helpers/environment/fixtures.ts";
import { cli } from "../../helpers/environment/screen.ts";
import { temporaryFolder } from "../../helpers/environment/temporary.ts";

const whole = fixture("tiny/fsmn-vad/fsmn-vad.gguf");
const names = ["tensors", "first-empty"];
const part = (name: string, number: number): string =>
  fixture(`checkpoints/split/${name}-0000${number}-of-00003.gguf`);
const partsOf = (name: string): readonly string[] => [1, 2, 3].map((number) => part(name, number));

async function expectWhole(sources: GgufSource | readonly GgufSource[]): Promise<void> {
  await using model = await openCheckpoint(sources);
  await using expected = await openCheckpoint(whole);
  const { tensors, keys } = await compareModels(model, expected);
  expect(tensors).toHaveLength(26);
  expect(tensors.filter(({ maxAbs }) => maxAbs !== 0)).toEqual([]);
  expect(keys).toEqual([]);
}

describe.each(names)("%s", (name) => {
  it.each([1, 2, 3])("is whole from part %i", (number) => expectWhole(part(name, number)));

  it("is whole from all parts, in any order", async () => {
    await expectWhole(partsOf(name));
    await expectWhole(partsOf(name).toReversed());
    await using model = await openModel(partsOf(name));
    expect(model.tensors.size).toBe(26);
  });

  it("is whole by file: addresses", () => expectWhole(pathToFileURL(part(name, 2))));

  it("is whole on a server", async () => {
    const files = new Map(
      await Promise.all(
        partsOf(name).map(async (path) => [path.split("/").at(-1), await readFile(path)] as const),
      ),
    );
    const server = createServer((request, response) => {
      const file = files.get(request.url?.split(/[/?]/u)[2]);
      const [first = 0, last = 0] = (request.headers.range ?? "").match(/\d+/gu)?.map(Number) ?? [];
      if (file === undefined || !request.url!.endsWith("?download=true")) response.writeHead(404).end();
      else {
        response.writeHead(206, { "content-range": `bytes ${first}-${last}/${file.length}` });
        response.end(file.subarray(first, last + 1));
      }
    });
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    await expectWhole(`http://127.0.0.1:${port}/repo/${name}-00003-of-00003.gguf?download=true`);
  });

  it("is inspected and converted from one part", async () => {
    const output = join(await temporaryFolder(), "whole.gguf");
    expect(await cli("inspect", part(name, 2))).toMatchObject({ exitCode: 0 });
    expect(await cli("convert", part(name, 2), "--layout", "official", "-o", output)).toMatchObject({
      exitCode: 0,
    });
    expect((await readFile(output)).equals(await readFile(whole))).toBe(true);
  });

  it("has no key about the split", async () => {
    await using file = await openGguf(part(name, 2));
    const split = [...file.metadata.keys(), ...file.typedMetadata.keys()].filter((key) =>
      key.startsWith("split."),
    );
    expect(split).toEqual([]);
  });
});

describe("a part", () => {
  it("in memory needs its name", async () => {
    await expect(openGguf(await readFile(part("tensors", 2)))).rejects.toMatchObject({
      code: "gguf_malformed",
      message: expect.stringMatching(/part 2 of 3.*-00002-of-00003\.gguf/u) as unknown,
    });
  });

  it.each(["part.gguf", "m-00001-of-00003.gguf", "m-00002-of-00004.gguf", "m-2-of-3.gguf"])(
    "under another name is refused: %s",
    async (name) => {
      const path = join(await temporaryFolder(), name);
      await copyFile(part("tensors", 2), path);
      await expect(openGguf(path)).rejects.toMatchObject({
        message: expect.stringContaining("part 2 of 3") as unknown,
      });
    },
  );

  it("without the others names the one that is missing", async () => {
    const folder = await temporaryFolder();
    for (const number of [1, 3])
      await copyFile(part("tensors", number), join(folder, `m-0000${number}-of-00003.gguf`));
    await expect(openGguf(join(folder, "m-00003-of-00003.gguf"))).rejects.toMatchObject({
      code: "file_not_found",
      where: join(folder, "m-00002-of-00003.gguf"),
    });
  });
});
