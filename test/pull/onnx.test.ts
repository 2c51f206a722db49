/** Repositories of ONNX exports: the graph with what is beside it, one of several precisions. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pull } from "../../src/pull/index.ts";
import { load } from "../../src/transcriber/load.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { modelsHome } from "../helpers/environment/models-home.ts";

async function filesOf(name: string): Promise<Readonly<Record<string, Uint8Array>>> {
  const folder = fixture(`dialects/${name}`);
  const names = await readdir(folder);
  return Object.fromEntries(
    await Promise.all(names.map(async (file) => [file, await readFile(join(folder, file))] as const)),
  );
}

test.each([
  ["sherpa-onnx-paraformer", "maker/model", ["model.int8.onnx", "tokens.txt"]],
  ["sherpa-onnx-sensevoice", "maker/model", ["model.onnx", "tokens.txt"]],
  ["sherpa-onnx-sensevoice", "maker/model/model.int8.onnx", ["model.int8.onnx", "tokens.txt"]],
  [
    "funasr-onnx-paraformer",
    "maker/model/model_quant.onnx",
    ["am.mvn", "config.yaml", "model_quant.onnx", "tokens.json"],
  ],
])("%s by the name %s", async (folder, name, files) => {
  await modelsHome({ "maker/model": { files: await filesOf(folder) } });
  const model = await pull(name);
  expect(model.files.map((file) => file.name).toSorted()).toEqual(files);
  using loaded = await load(name, { backend: "cpu" });
  expect(loaded.info.naming).toContain("ONNX");
});
