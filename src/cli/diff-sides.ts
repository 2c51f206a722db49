/** The two sides of a comparison of a model with itself: on another backend, or with its weights in another format. */
import { join } from "node:path";
import { parseFormat } from "../../converters/writers/formats.ts";
import { convert } from "../../converters/writers/convert.ts";
import type { Format } from "../../kernels/formats/table.ts";
import { createArchive } from "../diff/archives/index.ts";
import { originEntries, originOfModel, roundedCpu } from "../diff/origin.ts";
import { Engine } from "../engine/engine.ts";
import { UsageError } from "../errors.ts";
import { backendNames } from "../nn/backend.ts";
import { defaultBackend } from "../nn/placement.ts";
import type { BackendChoice } from "../nn/placement.ts";
import type { Transcriber } from "../transcriber/transcriber.ts";
import type { ModelFlags } from "./load-model.ts";
import { chosenModel } from "./chosen-model.ts";
import type { SinglePass } from "./single-pass.ts";

/** What `--against` names beside backends and formats: `cpu` without the rounding of `wasm`. */
const exact = "exact";

interface SideFlags extends ModelFlags {
  readonly backend?: BackendChoice | undefined;
  readonly threads?: number | undefined;
}

/** A model, and the name of its weights. */
export interface Side {
  readonly model: Transcriber;
  readonly weights: string | undefined;
}

/** Runs what `--against` names, and writes the activations `capture` to an archive. */
export async function dumpReference(
  path: string,
  audio: string,
  against: string,
  folder: string,
  flags: SideFlags & {
    readonly capture: readonly string[];
    readonly maxTokens?: number | "auto" | undefined;
    readonly type?: unknown;
  },
  pass: SinglePass,
): Promise<void> {
  const backend = against === exact ? "cpu" : backendNames.find((name) => name === against);
  const type = backend === undefined ? against : undefined;
  // Of two backends that round alike, faults alone are left.
  const isRounding =
    against === "cpu" && flags.type === undefined && (flags.backend ?? defaultBackend()) === "wasm";
  const engine = isRounding ? new Engine({ backend: "cpu", cpu: { roundedInputs: true } }) : undefined;
  try {
    const { model, weights } = await inFormat(type, folder, flags, pass, {
      backend: backend ?? flags.backend,
      engine,
    });
    using _ = model;
    await using archive = await createArchive(path);
    await model.run(audio, {
      ...pass.options,
      maxNewTokens: flags.maxTokens ?? 1,
      capture: flags.capture,
      sink: ({ name, shape, values }) => archive.add(name, shape, values),
    });
    const origin = originOfModel(model.info, weights);
    const computed = isRounding ? { ...origin, backend: roundedCpu, llm: roundedCpu } : origin;
    await archive.finish(new Map(originEntries(computed)));
  } finally {
    engine?.dispose();
  }
}

/** The model unchanged, or converted to a format in a temporary file. */
export async function inFormat(
  type: string | undefined,
  folder: string,
  flags: ModelFlags,
  pass: SinglePass,
  on: { readonly backend?: BackendChoice | undefined; readonly engine?: Engine | undefined },
): Promise<Side> {
  const { backend, engine } = on;
  const place = engine === undefined ? { backend } : { engine };
  if (type === undefined) {
    const weights = await pass.fingerprint();
    return { model: await pass.load(place), weights };
  }
  const format: Format = parseFormat(type);
  if (flags.audio !== undefined) {
    throw new UsageError("bad_option", "--type", type, { wanted: "a model that -m names" });
  }
  const model = await chosenModel(flags, pass.screen);
  const from = [model, flags.llm].filter((file) => file !== undefined);
  const converted = { model: join(folder, `${format.toLowerCase()}.gguf`) };
  await convert(from, converted.model, { type: format, signal: pass.options.signal, force: true });
  const weights = await pass.fingerprint(converted);
  return { model: await pass.load({ model: converted, ...place }), weights };
}
