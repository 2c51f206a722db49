/** Exports of parts of Fun-ASR-Nano that lack a weight, the tokens of the CTC branch, or the embedding beside them. */
import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openOnnxPart } from "../../../../converters/readers/onnx/part.ts";
import { bytes, modelProto, tensorProto } from "../../../helpers/builders/protobuf.ts";
import { fixture } from "../../../helpers/environment/fixtures.ts";
import { temporaryFolder } from "../../../helpers/environment/temporary.ts";

const branch = fixture("dialects/sherpa-onnx-nano-ctc/model.onnx");

test("a CTC branch needs its tokens", async () => {
  await using part = await openOnnxPart(branch, { tokens: join(branch, "../tokens.txt") });
  const tokens = part.metadata.get("fun-asr-nano.ctc.tokens") as readonly string[];
  expect(tokens.slice(0, 2)).toEqual(["IQ==", "Ig=="]);
  expect(part.notes.join()).not.toContain("entry layer"); // of an encoder, which is not here
  await expect(openOnnxPart(branch, {})).rejects.toMatchObject({
    code: "bad_tokenizer",
    where: "model.onnx",
    message: expect.stringContaining("no CTC tokens; wanted tokens.txt") as string,
  });
});

test("an encoder of one weight is no encoder", async () => {
  const path = join(await temporaryFolder(), "encoder.onnx");
  await writeFile(path, modelProto(bytes(5, tensorProto({ name: "encoder.encoders0.0.norm1.weight" }))));
  await expect(openOnnxPart(path, {})).rejects.toMatchObject({
    code: "bad_tensors",
    where: "encoder.onnx",
    message: expect.stringContaining("audio_encoder.after_norm.weight is missing") as string,
  });
});

test("a language model needs the embedding beside it", async () => {
  const folder = await temporaryFolder();
  for (const name of ["llm.onnx", "llm.fp32.data"])
    await copyFile(fixture(`dialects/sherpa-onnx-nano/${name}`), join(folder, name));
  await expect(openOnnxPart(join(folder, "llm.onnx"), {})).rejects.toMatchObject({
    code: "file_not_found",
    where: folder,
    message: expect.stringContaining("there is no embedding for llm.onnx") as string,
  });
});
