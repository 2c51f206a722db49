/** A file whose name states a container that its bytes do not have: the error states both. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openModel } from "../../src/containers/open-model.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";
import "../../src/node.ts";

it.each([
  ["a.pt", "<html><body>404</body>", 'the file begins with the text "<html><bod"', "a PyTorch checkpoint"],
  ["a.PTH", "\0\0\0\0\0\0\0\0\0\0\0\0", "begins with the bytes 00 00 00 00;", "a PyTorch checkpoint"],
  ["a.onnx", "version https://git-lfs", 'the text "version ht"', "an ONNX model"],
  ["a.safetensors", "", "the file is empty", "a safetensors file"],
])("%s", async (name, content, found, wanted) => {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, content);
  const opened = openModel(path);
  await expect(opened).rejects.toMatchObject({ code: "checkpoint_malformed" });
  await expect(opened).rejects.toThrow(found);
  await expect(opened).rejects.toThrow(`wanted ${wanted}`);
});

it.each(["a.gguf", "model", "a.wav"])("%s is about GGUF", async (name) => {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, "RIFF and so on");
  await expect(openModel(path)).rejects.toMatchObject({ code: "not_gguf" });
});
