/** The pieces of a SentencePiece model are those that SentencePiece itself lists in tokens.json. */
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Companions } from "../../../converters/readers/companions.ts";
import { sentencePieces } from "../../../converters/readers/tokens/sentencepiece.ts";
import { openFolder } from "../../../src/adapters/node/folder.ts";
import { openModel } from "../../../src/containers/open-model.ts";
import { fixture } from "../../helpers/environment/fixtures.ts";
import { temporaryFolder } from "../../helpers/environment/temporary.ts";

const tiny = fixture("tiny/sensevoice");

test("all pieces, in order", async () => {
  const expected = JSON.parse(await readFile(join(tiny, "tokens.json"), "utf8")) as string[];
  expect(await sentencePieces(new Companions(openFolder(tiny)), "tiny.bpe.model")).toEqual(expected);
});

test("a SenseVoice folder may have the model instead of tokens.json", async () => {
  const folder = await temporaryFolder();
  for (const name of ["config.yaml", "model.pt", "am.mvn"])
    await copyFile(join(tiny, name), join(folder, name));
  await expect(openModel(folder)).rejects.toThrow(/tokens\.json/);
  await copyFile(join(tiny, "tiny.bpe.model"), join(folder, "chn_jpn_yue_eng_ko_spectok.bpe.model"));
  await using model = await openModel(folder);
  await using whole = await openModel(tiny);
  expect(model.metadata.get("tokenizer.ggml.tokens")).toEqual(whole.metadata.get("tokenizer.ggml.tokens"));
});

test.each([
  ["nothing", [], /no pieces/],
  ["a piece without a text", [0x0a, 0x02, 0x18, 0x01], /piece 0 has no text/],
  ["a piece that is cut off", [0x0a, 0x05, 0x0a, 0x01], /a field of 5 bytes/],
])("%s is refused", async (_, bytes, message) => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "m.model"), Uint8Array.from(bytes));
  await expect(sentencePieces(new Companions(openFolder(folder)), "m.model")).rejects.toThrow(message);
});
