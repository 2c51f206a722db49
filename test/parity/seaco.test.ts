/**
 * SeACo-Paraformer (paraformer-zh on the hubs), without hotwords, against FunASR's own class, from its published folder and
 * from the GGUF file of the official exporter (fixtures/reference/make_seaco.py); BiCif-Paraformer, which is the same
 * without the bias.
 */
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { convert } from "../../converters/writers/convert.ts";
import { compare } from "../../src/diff/compare.ts";
import type { StageValues } from "../../src/diff/compare.ts";
import { load } from "../../src/index.ts";
import { capture } from "../../src/lab.ts";
import type { Activation } from "../../src/lab.ts";
import { openModel } from "../../src/containers/open-paths.ts";
import { checkTensors } from "../../src/architectures/build.ts";
import { encodeSafetensors, floatTensor } from "../../src/checkpoints/safetensors/index.ts";
import type { StoredTensor } from "../../src/checkpoints/safetensors/index.ts";
import { describeOnEach } from "../helpers/environment/backends.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { readArchive } from "../helpers/environment/read-archive.ts";
import type { StageArchive } from "../helpers/environment/read-archive.ts";
import { untimed } from "../helpers/environment/untimed.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";
import { valuesOf } from "../helpers/builders/namings.ts";

const folder = fixture("tiny/seaco-paraformer");
const official = join(folder, "paraformer-official-f16.gguf");
const clip = fixture("audio/tiny.wav");
const isBias = (name: string): boolean => /^(bias_encoder|seaco_decoder|hotword_output_layer)\./.test(name);

let reference: StageArchive;
let features: { rows: number; cols: number; values: Float32Array };
beforeAll(async () => {
  reference = await readArchive(fixture("reference/seaco.safetensors"));
  const { shape, values } = (await readArchive(fixture("reference/paraformer.safetensors"))).stages.get(
    "cmvn",
  )!;
  features = { rows: shape[0]!, cols: shape[1]!, values };
});

describeOnEach("%s", (backend) => {
  it.each([
    ["the published folder", folder],
    ["the official exporter's GGUF", official],
  ])("%s computes what FunASR computes", async (_, path) => {
    using transcriber = await load(path, { backend });
    const stages = new Map(
      (await capture(transcriber, { features }, { timestamps: "token" })).map((stage) => [stage.name, stage]),
    );
    const names = ["encoder.after_norm", "predictor.alphas", "predictor", "predictor.upsampled_alphas"];
    for (const name of names) {
      const found = compare(name, stages.get(name)!, reference.stages.get(name)!);
      // the embeds are sums of rows by differences of alphas, which are noise of 5e-7 themselves
      expect([name, found.relativeL2 <= 5e-6]).toEqual([name, true]);
    }
    const scores = logSoftmax(stages.get("decoder.output_layer")!);
    expect(compare("scores", scores, reference.stages.get("log_probabilities")!).maxAbs).toBeLessThan(1e-4);
    const { text, tokens } = await transcriber.transcribe(clip);
    expect(tokens).toEqual([...reference.stages.get("ids")!.values]);
    expect(text).toBe("么al中3real于");
  });
});

function logSoftmax({ shape, values }: Activation): StageValues {
  const width = shape[1]!;
  const scores = Float32Array.from(values);
  for (let start = 0; start < scores.length; start += width) {
    const row = scores.subarray(start, start + width);
    const most = Math.max(...row);
    const log = most + Math.log(row.reduce((sum, value) => sum + Math.exp(value - most), 0));
    for (const [i, value] of row.entries()) row[i] = value - log;
  }
  return { shape, values: scores };
}

describe("the bias towards hotwords", () => {
  it("is in the folder, and not in the official file", async () => {
    await using model = await openModel([folder]);
    checkTensors(model);
    const bias = [...model.tensors.keys()].filter(isBias);
    // two LSTM layers of 4, six decoder layers of 18, the last one of 7, a norm and the output layer of 2 each
    expect(bias).toHaveLength(8 + 6 * 18 + 7 + 2 + 2);
    expect(model.metadata.get("paraformer.seaco.kernel_size")).toBe(21);
    expect(model.metadata.get("paraformer.seaco.att_layer_num")).toBe(6);
    await using exported = await openModel([official]);
    checkTensors(exported);
    expect([...exported.tensors.keys()].filter(isBias)).toEqual([]);
  });

  it("is stored like the rest of the model, and is refused a place in other layouts with a note", async () => {
    const path = join(await temporaryFolder(), "seaco.gguf");
    await convert(folder, path, { type: "Q4_K" });
    await using model = await openModel([folder]);
    await using converted = await openModel([path]);
    checkTensors(converted);
    expect([...converted.tensors.keys()]).toEqual(expect.arrayContaining([...model.tensors.keys()]));
    const formatOf = (name: string): string => converted.tensors.get(name)!.format;
    expect(formatOf("decoder.embed.0.weight")).toBe("Q8_0"); // rows of 32 are no blocks of Q6_K
    expect(formatOf("hotword_output_layer.weight")).toBe("Q8_0");
    expect(formatOf("bias_encoder.weight_ih_l1")).toBe("Q8_0");
    expect(formatOf("bias_encoder.weight_hh_l1")).toBe("F32"); // the recurrence has no other kernel
    expect(formatOf("seaco_decoder.decoders.5.norm1.bias")).toBe("F32");
    for (const layout of ["official", "crispasr"] as const) {
      const other = join(await temporaryFolder(), "other.gguf");
      const { notes } = await convert(folder, other, { layout, type: "F16" });
      expect(notes.join("\n")).toMatch(/SeACo's bias towards hotwords is left out/);
      await using written = await openModel([other]);
      checkTensors(written);
    }
  });

  it("is no excuse for other surplus tensors", async () => {
    await using model = await openModel([folder]);
    const [[, entry] = []] = model.tensors;
    const described = ([key]: readonly [string, unknown]): boolean => key.startsWith("paraformer.seaco.");
    const withoutKeys = new Map([...model.metadata].filter((key) => !described(key)));
    for (const [name, isAllowedWithoutKeys] of [
      ["seaco_decoder.surplus", true],
      ["seaco_decoderX.surplus", false],
      ["hotword_output_layer", false],
    ] as const) {
      const tensors = new Map([...model.tensors, [name, { ...entry!, name }]]);
      expect(() => checkTensors({ ...model, tensors })).toThrow(/the model has no place for it/);
      const check = (): unknown => checkTensors({ ...model, metadata: withoutKeys, tensors });
      if (isAllowedWithoutKeys) expect(check).not.toThrow();
      else expect(check).toThrow(/the model has no place for it/);
    }
  });
});

describe("BiCif-Paraformer", () => {
  /** The folder without the bias, with other settings. */
  async function bicif(change: (config: string) => string): Promise<string> {
    const target = await temporaryFolder();
    for (const name of ["am.mvn", "tokens.json"]) await copyFile(join(folder, name), join(target, name));
    const config = await readFile(join(folder, "config.yaml"), "utf8");
    await writeFile(
      join(target, "config.yaml"),
      change(config.replace("model: SeacoParaformer", "model: BiCifParaformer")),
    );
    await using model = await openModel([folder]);
    const tensors: StoredTensor[] = [];
    for (const [name, entry] of model.tensors) {
      if (isBias(name) || name.startsWith("cmvn.")) continue;
      const { shape, values } = await valuesOf(entry);
      tensors.push(floatTensor(name, shape, values));
    }
    await writeFile(join(target, "model.safetensors"), Buffer.concat([...encodeSafetensors(tensors)]));
    return target;
  }

  it("has the same text and times", async () => {
    using twin = await load(await bicif((config) => config), { backend: "cpu" });
    using transcriber = await load(folder, { backend: "cpu" });
    const [theirs, ours] = [
      await twin.transcribe(clip, { timestamps: "token" }),
      await transcriber.transcribe(clip, { timestamps: "token" }),
    ];
    expect(untimed(theirs)).toBe(untimed(ours));
    await using model = await openModel([await bicif((config) => config)]);
    expect(model.notes.join("\n")).not.toMatch(/SeACo/);
  });

  it("is refused where its second head reads something else", async () => {
    const path = await bicif((config) => config.replace("use_cif1_cnn: false", "use_cif1_cnn: true"));
    await expect(openModel([path])).rejects.toThrow(/predictor_conf\.use_cif1_cnn: true; wanted false/);
  });
});
