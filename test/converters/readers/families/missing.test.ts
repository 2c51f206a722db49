/** Model folders that lack what a family cannot do without: each is refused with the name of what is missing. */
import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Companions } from "../../../../converters/readers/companions.ts";
import { readYaml } from "../../../../converters/readers/config.ts";
import { valuesEntry } from "../../../../converters/readers/families/cmvn.ts";
import type { FolderContent, ModelFolder } from "../../../../converters/readers/families/family.ts";
import { readFsmnVad } from "../../../../converters/readers/families/fsmn-vad.ts";
import { readFunAsrNano } from "../../../../converters/readers/families/fun-asr-nano.ts";
import { readParaformer } from "../../../../converters/readers/families/paraformer.ts";
import { openFolder } from "../../../../src/adapters/node/folder.ts";
import { CTC_SPECIALS } from "../../../../src/text/ctc-tokens.ts";
import { fixture } from "../../../helpers/environment/fixtures.ts";
import { temporaryFolder } from "../../../helpers/environment/temporary.ts";

const entryOf = (name: string, shape: readonly number[]): ModelFolder["tensors"] =>
  new Map([[name, { ...valuesEntry(name, new Float32Array(0))[1], shape }]]);

/** What `read` makes of a model with these files of `model` (a fixture) and these tensors. */
async function readWith(
  read: (folder: ModelFolder) => Promise<FolderContent>,
  model: string,
  files: readonly string[],
  tensors: ModelFolder["tensors"],
): Promise<FolderContent> {
  const place = await temporaryFolder();
  for (const file of ["config.yaml", ...files])
    await cp(fixture(`tiny/${model}/${file}`), join(place, file), { recursive: true });
  const companions = new Companions(openFolder(place));
  return read({ config: await readYaml(companions, "config.yaml"), companions, tensors });
}

describe("FSMN-VAD", () => {
  const shapes = [
    ["in_linear1.linear", [140, 400]],
    ["in_linear2.linear", [250, 140]],
    ["fsmn.0.linear.linear", [128, 250]],
    ["fsmn.0.fsmn_block.conv_left", [128, 20]],
    ["out_linear1.linear", [140, 250]],
    ["out_linear2.linear", [248, 140]],
  ] as const;
  const weights = new Map(shapes.flatMap(([name, shape]) => [...entryOf(`encoder.${name}.weight`, shape)]));

  test("is read with its weights and am.mvn", async () => {
    const { tensors } = await readWith(readFsmnVad, "fsmn-vad", ["am.mvn"], weights);
    expect([...tensors.keys()]).toEqual(["cmvn.shift", "cmvn.scale", ...weights.keys()]);
  });

  test("without am.mvn is refused", async () => {
    await expect(readWith(readFsmnVad, "fsmn-vad", [], weights)).rejects.toMatchObject({
      code: "file_not_found",
      where: expect.stringMatching(/\/am\.mvn$/u) as string,
    });
  });

  test.each([...weights.keys()])("without %s is refused", async (name) => {
    const rest = new Map([...weights].filter(([other]) => other !== name));
    await expect(readWith(readFsmnVad, "fsmn-vad", ["am.mvn"], rest)).rejects.toMatchObject({
      code: "bad_tensors",
      message: expect.stringContaining(`${name} is missing`) as string,
    });
  });
});

test("Paraformer without am.mvn is refused", async () => {
  const read = (...files: string[]) => readWith(readParaformer, "paraformer", files, new Map());
  expect([...(await read("tokens.json", "am.mvn")).tensors.keys()]).toEqual(["cmvn.shift", "cmvn.scale"]);
  await expect(read("tokens.json")).rejects.toMatchObject({
    code: "file_not_found",
    message: expect.stringContaining("there is no am.mvn") as string,
  });
});

describe("Fun-ASR-Nano with a CTC branch", () => {
  const branch = entryOf("ctc.ctc_lo.weight", [2, 2]);
  const key = "fun-asr-nano.ctc.tokens";
  const lines = Array.from({ length: 3 + CTC_SPECIALS }, (_, id) => `eA== ${id}\n`).join("");
  const read = (...files: string[]) =>
    readWith(readFunAsrNano, "fun-asr-nano", ["Qwen3-tiny", ...files], branch);

  /** With a tokens.txt in the folder, of three tokens and the special ones. */
  const readExported = (...files: string[]) =>
    readWith(
      async (folder) => {
        await writeFile(folder.companions.where("tokens.txt"), lines);
        return readFunAsrNano(folder);
      },
      "fun-asr-nano",
      ["Qwen3-tiny", ...files],
      branch,
    );

  test("has the tokens of multilingual.tiktoken, or else those of tokens.txt", async () => {
    const table = (await read("multilingual.tiktoken")).metadata.get(key);
    expect(table).toContain("IQ==");
    expect((await readExported("multilingual.tiktoken")).metadata.get(key)).toEqual(table);
    expect((await readExported()).metadata.get(key)).toEqual(["eA==", "eA==", "eA=="]);
  });

  test("without either is refused", async () => {
    await expect(read()).rejects.toMatchObject({
      code: "bad_tokenizer",
      message: expect.stringContaining("wanted multilingual.tiktoken or tokens.txt") as string,
    });
  });
});
