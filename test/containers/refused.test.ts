/** What holds no model, or not one: nothing, folders without a checkpoint or its configuration, files of other kinds. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openFiles, openModel } from "../../src/containers/open-paths.ts";
import { encodeSafetensors, floatTensor } from "../../src/checkpoints/safetensors/index.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

const tiny = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");
const containing = (text: string): unknown => expect.stringContaining(text);

/** A folder with a tensor that no model has, unless it has another name, and these files. */
async function folderOf(files: Readonly<Record<string, string>>, tensor = "unknown.weight"): Promise<string> {
  const folder = await temporaryFolder();
  const weights = encodeSafetensors([floatTensor(tensor, [2], Float32Array.of(1, 2))]);
  await writeFile(join(folder, "model.safetensors"), Buffer.concat(weights));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

it("no file at all", async () => {
  await expect(openModel([])).rejects.toMatchObject({ code: "bad_option", message: containing("no file") });
});

it("tensors of no known model, without a configuration that names one", async () => {
  await expect(openModel([await folderOf({})])).rejects.toMatchObject({
    code: "file_not_found",
    message: containing("config.yaml: the configuration is not there"),
  });
  await expect(openModel([await folderOf({ "config.yaml": "model: Whisper\n" })])).rejects.toMatchObject({
    code: "unknown_architecture",
    message: containing('model "Whisper"'),
  });
});

it.each(["encoder.in_linear1.linear.weight", "encoder.fsmn.0.fsmn_block.conv_left.weight"])(
  "one tensor of FSMN-VAD's, %s, which do not make a model",
  async (name) => {
    await expect(openModel([await folderOf({}, name)])).rejects.toMatchObject({ code: "file_not_found" });
  },
);

it("a folder without a checkpoint, which names the GGUF files of which one may be meant", async () => {
  const folder = await temporaryFolder();
  await expect(openModel([folder])).rejects.toMatchObject({
    code: "file_not_found",
    message: containing("no checkpoint in this folder"),
  });
  for (const name of ["a.gguf", "b.gguf"]) await writeFile(join(folder, name), "GGUF");
  await expect(openModel([folder])).rejects.toMatchObject({
    code: "file_not_found",
    message: containing("Name one of its GGUF files: a.gguf, b.gguf"),
  });
});

it("parts of a model that are too many, too few, or none", async () => {
  const encoder = { path: fixture("onnx/encoder.int8.onnx") };
  const list = { path: join(await folderOf({ "tokens.txt": "YQ== 0\n" }), "tokens.txt") };
  for (const [files, code, found] of [
    [[encoder], "bad_option", "no language model in it"],
    [[list], "bad_option", "no audio encoder in it"],
    [[{ ...encoder, take: "ctc" }, { path: tiny }], "bad_option", "no CTC branch in it"],
    [[{ path: tiny }, { path: tiny }], "bad_tensors", "the audio encoder is in"],
    [
      [
        { path: tiny, take: "audio" },
        { path: tiny, take: "audio" },
      ],
      "bad_tensors",
      "the audio encoder is in",
    ],
    [[{ path: tiny }, list, list], "bad_option", "a second list of tokens"],
    [[{ path: fixture("audio/tiny.wav") }], "bad_option", "no part of a model"],
  ] as const)
    await expect(openFiles(files)).rejects.toMatchObject({ code, message: containing(found) });
  await using model = await openFiles([{ path: tiny }, { ...encoder, take: "audio" }]);
  expect(model.files).toEqual([tiny, encoder.path]);
});
