/**
 * CT-Transformer punctuation against FunASR's own classes, stage by stage: for whole texts, and for segments of speech.
 * The dump comes from fixtures/reference/make_ct_punc.py, for the golden models from the shared test data.
 */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { StageRecorder } from "../../src/activations/recorder.ts";
import { buildModel } from "../../src/architectures/build.ts";
import type { LoadedModel } from "../../src/architectures/build.ts";
import type { Checkpoint } from "../../src/checkpoints/checkpoint.ts";
import { openModel } from "../../src/containers/open-paths.ts";
import { compare } from "../../src/diff/compare.ts";
import type { StageValues } from "../../src/diff/compare.ts";
import { liveTensors } from "../../src/nn/backend.ts";
import type { BackendName } from "../../src/nn/backend.ts";
import { dispose, values } from "../../src/nn/ops.ts";
import { describeOnEach } from "../helpers/environment/backends.ts";
import { engine } from "../helpers/environment/engine.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { readArchive } from "../helpers/environment/read-archive.ts";
import { shared } from "../helpers/environment/shared.ts";
import { memoryCheckpoint } from "../helpers/fakes/memory-checkpoint.ts";
import { ctPuncMetadata } from "../helpers/builders/ct-punc.ts";

async function build(checkpoint: Checkpoint, backend: BackendName): Promise<LoadedModel> {
  return buildModel(checkpoint, { engine, backend });
}

/** One pass: its logits, and all stages if they are to be recorded. */
async function run(
  { model, hooks, backend }: LoadedModel,
  ids: readonly number[],
  carried: number,
  withStages: boolean,
): Promise<ReadonlyMap<string, StageValues>> {
  if (model.architecture !== "ct-punc") throw new Error(model.architecture);
  const recorder = new StageRecorder(() => withStages);
  const before = liveTensors();
  const logits = await engine.run(backend, async () => {
    hooks.hook = withStages ? recorder : undefined;
    const y = await model.logits(ids, carried, async () => {});
    hooks.hook = undefined;
    const found = { shape: [...y.shape], values: (await values(y)).slice() };
    await recorder.flush();
    dispose(y);
    return found;
  });
  const stages = new Map((await recorder.stages()).map((stage) => [stage.name, stage]));
  expect(liveTensors()).toBe(before);
  return new Map<string, StageValues>([...stages, ["logits", logits]]);
}

describeOnEach("%s", (backend) => {
  describe.each([
    ["whole", "ct-punc"],
    ["realtime", "ct-punc-realtime"],
  ])("%s", (variant, folder) => {
    let model: LoadedModel;
    let passes: Map<string, Map<string, StageValues>>;
    beforeAll(async () => {
      await using checkpoint = await openModel([fixture(`tiny/${folder}`)]);
      model = await build(checkpoint, backend);
      passes = new Map();
      for (const [path, stage] of (await readArchive(fixture("reference/ct-punc.safetensors"))).stages) {
        const [kind, pass, name] = path.split("/") as [string, string, string];
        if (kind !== variant) continue;
        if (!passes.has(pass)) passes.set(pass, new Map());
        passes.get(pass)!.set(name, stage);
      }
      return () => model.dispose();
    });

    it("computes what FunASR computes, with hooks and without", async () => {
      expect(passes.size).toBe(variant === "whole" ? 3 : 11);
      for (const [pass, expected] of passes) {
        const ids = [...expected.get("ids")!.values];
        const carried = Number(pass.split("-")[1]);
        const stages = await run(model, ids, carried, true);
        const names = [...expected.keys()].filter((name) => name !== "ids");
        expect(names.length).toBeGreaterThan(30);
        for (const name of names) {
          const reference = expected.get(name)!;
          const found = compare(`${pass} ${name}`, stages.get(name)!, reference);
          expect([pass, name, found.relativeL2 <= 1e-5]).toEqual([pass, name, true]);
        }
        const plain = (await run(model, ids, carried, false)).get("logits")!;
        const reference = expected.get("decoder")!;
        expect(compare(pass, plain, reference).relativeL2).toBeLessThanOrEqual(1e-5);
        expect(compare(pass, plain, reference).argmaxAgreement).toBe(1);
      }
    });
  });
});

const golden = shared("golden/models-next/punc-mini.json");

interface GoldenModel {
  readonly config: Readonly<Record<string, number>> & {
    readonly punc_list: string[];
    readonly encoder: string;
  };
  readonly weights: Readonly<Record<string, { readonly shape: number[]; readonly data: number[] }>>;
  readonly cases: readonly (Readonly<Record<string, number[]>> & { readonly vad_index: number | null })[];
}

describe.skipIf(golden === undefined)("the golden models", () => {
  const models: [string, GoldenModel][] =
    golden === undefined
      ? []
      : Object.entries(JSON.parse(readFileSync(golden, "utf8")) as Record<string, GoldenModel>);
  const stageOf = { encoder_input: "encoder.embed", hidden: "encoder.after_norm", logits: "decoder" };

  describeOnEach("%s", (backend) => {
    it.each(models)("%s has the original's stages", async (_, { config, weights, cases }) => {
      const tensors = Object.entries(weights).map(([name, { shape, data }]) => {
        const isKernel = name.endsWith("fsmn_block.weight");
        const values = Float32Array.from(data);
        return [name, { shape: isKernel ? [shape[0]!, shape[2]!] : shape, values }] as const;
      });
      const metadata = ctPuncMetadata({
        input_size: config["input_size"]!,
        output_size: config["output_size"]!,
        attention_heads: config["attention_heads"]!,
        linear_units: config["linear_units"]!,
        num_blocks: config["num_blocks"]!,
        sanm_shift: config["sanm_shfit"]!,
        vocab_size: config["vocab_size"]!,
        marks: config.punc_list,
        realtime: config.encoder === "SANMVadEncoder",
      });
      const model = await build(memoryCheckpoint(metadata, new Map(tensors)), backend);
      expect(cases.length).toBeGreaterThan(2);
      for (const one of cases) {
        const stages = await run(model, one["ids"]!, one.vad_index ?? 0, true);
        const names: Readonly<Record<string, string>> = {
          ...stageOf,
          block0: "encoder.encoders0.0",
          block1: "encoder.encoders.0",
          block2: "encoder.encoders.1",
        };
        for (const [key, name] of Object.entries(names)) {
          const found = stages.get(name)!;
          const reference = { shape: found.shape, values: Float32Array.from(one[key]!) };
          expect([key, compare(name, found, reference).relativeL2 <= 1e-5]).toEqual([key, true]);
        }
        expect(compare("logits", stages.get("logits")!, stages.get("decoder")!).maxAbs).toBeLessThan(1e-5);
      }
      model.dispose();
    });
  });
});
