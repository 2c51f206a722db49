/**
 * The demo model's folder has the form of a published one: FunASR's AutoModel loads it (fixtures/demo-model/load_in_funasr.py
 * does), for which every path must be stated and no argument be given twice.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { openModel } from "../../src/containers/open-paths.ts";
import { fixture } from "../helpers/environment/fixtures.ts";

const folder = fixture("demo-model/checkpoint");

type Tree = { readonly [key: string]: string | Tree };

function pathsOf(tree: Tree): readonly string[] {
  return Object.values(tree).flatMap((value) => (typeof value === "string" ? [value] : pathsOf(value)));
}

it("states the files of its parts, which are there", () => {
  const { file_path_metas: metas } = JSON.parse(readFileSync(join(folder, "configuration.json"), "utf8")) as {
    readonly file_path_metas: Tree;
  };
  expect(metas).toMatchObject({
    init_param: "model.pt",
    config: "config.yaml",
    llm_conf: { init_param_path: "Qwen3-demo" },
    tokenizer_conf: { init_param_path: "Qwen3-demo" },
  });
  expect(pathsOf(metas).filter((path) => !existsSync(join(folder, path)))).toEqual([]);
});

it("leaves the width of the features to the front end, from which FunASR passes it to the encoder", async () => {
  const config = parse(readFileSync(join(folder, "config.yaml"), "utf8")) as {
    readonly audio_encoder_conf: object;
  };
  expect(config.audio_encoder_conf).not.toHaveProperty("input_size");
  await using model = await openModel([folder]);
  expect(model.metadata.get("fun-asr-nano.encoder.input_size")).toBe(560);
});
