/** What a Paraformer's config.yaml leaves out is what FunASR's classes have by default; what it states is read. */
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Companions } from "../../../../converters/readers/companions.ts";
import { readYaml } from "../../../../converters/readers/config.ts";
import { readParaformer } from "../../../../converters/readers/families/paraformer.ts";
import { openFolder } from "../../../../src/adapters/node/folder.ts";
import { fixture } from "../../../helpers/environment/fixtures.ts";
import { temporaryFolder } from "../../../helpers/environment/temporary.ts";

/** The metadata of a folder whose config.yaml has the fixture's lines, but for those of `left` names. */
async function metadataOf(left: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const place = await temporaryFolder();
  for (const file of ["am.mvn", "tokens.json"])
    await cp(fixture(`tiny/seaco-paraformer/${file}`), join(place, file));
  const lines = (await readFile(fixture("tiny/seaco-paraformer/config.yaml"), "utf8")).split("\n");
  const kept = lines.filter((line) => !left.includes(line.trim().split(":")[0]!));
  await writeFile(join(place, "config.yaml"), kept.join("\n"));
  const companions = new Companions(openFolder(place));
  const config = await readYaml(companions, "config.yaml");
  return Object.fromEntries((await readParaformer({ config, companions, tensors: new Map() })).metadata);
}

it("states what config.yaml does", async () => {
  expect(await metadataOf([])).toMatchObject({
    "paraformer.predictor.threshold": 1,
    "paraformer.predictor.tail_threshold": 0.45,
    "paraformer.predictor.smooth_factor2": 0.25,
    "paraformer.predictor.noise_threshold2": 0.01,
    "paraformer.predictor.upsample_times": 3,
    "paraformer.decoder.att_layer_num": 2,
    "paraformer.seaco.inner_dim": 32,
    "paraformer.seaco.no_bias_id": 127,
  });
});

it("has the defaults of CifPredictorV3, ParaformerSANMDecoder and SeacoParaformer", async () => {
  const names = ["threshold", "tail_threshold", "smooth_factor2", "noise_threshold2", "att_layer_num"];
  expect(await metadataOf([...names, "sanm_shfit", "inner_dim", "NO_BIAS"])).toMatchObject({
    "paraformer.predictor.threshold": 1,
    "paraformer.predictor.tail_threshold": 0,
    "paraformer.predictor.smooth_factor": 1,
    "paraformer.predictor.noise_threshold": 0,
    "paraformer.predictor.smooth_factor2": 1,
    "paraformer.predictor.noise_threshold2": 0,
    "paraformer.decoder.att_layer_num": 6,
    "paraformer.decoder.sanm_shift": 0,
    "paraformer.seaco.att_layer_num": 6,
    "paraformer.seaco.inner_dim": 256,
    "paraformer.seaco.no_bias_id": 8377,
  });
});
