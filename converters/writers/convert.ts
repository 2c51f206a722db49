/** From any checkpoint to GGUF: opened, checked against the model, laid out, stored in the chosen formats. */
import type { Format } from "../../kernels/formats/table.ts";
import type { TensorEntry } from "../../src/checkpoints/checkpoint.ts";
import type { NamingOptions } from "../../src/checkpoints/gguf/namings/naming.ts";
import { guardFiles, writeGguf } from "./node.ts";
import { checkTensors } from "../../src/architectures/build.ts";
import { encoded } from "./encode.ts";
import type { Rule } from "./formats.ts";
import { layoutOf } from "./layouts/index.ts";
import type { LayoutName } from "./layouts/index.ts";
import type { Labels } from "./metadata.ts";
import { openModel } from "../../src/containers/open-paths.ts";
import type { Deviation } from "./quantize-chunk.ts";
import { startQuantizerPool } from "./quantizer-pool.ts";
import { checkNames } from "../../src/options/check.ts";
import type { NamesOf } from "../../src/options/check.ts";

export interface ConvertOptions extends Labels {
  readonly layout?: LayoutName | undefined;
  /** Format of the matrices; unchanged where absent. */
  readonly type?: Format | undefined;
  /** Formats by name, before `type`; the first that matches counts. */
  readonly rules?: readonly Rule[] | undefined;
  /** Whether to compare what is stored with what was read. */
  readonly measure?: boolean | undefined;
  readonly threads?: number | undefined;
  readonly naming?: NamingOptions | undefined;
  /** Whether a file of the model itself may be replaced; false by default. */
  readonly force?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: ConvertProgress) => void) | undefined;
}

const optionNames: NamesOf<ConvertOptions> = {
  name: true,
  license: true,
  layout: true,
  type: true,
  rules: true,
  measure: true,
  threads: true,
  naming: true,
  force: true,
  signal: true,
  onProgress: true,
};

export interface ConvertProgress {
  readonly tensor: string;
  readonly done: number;
  readonly total: number;
}

export interface TensorReport {
  readonly name: string;
  readonly shape: readonly number[];
  readonly from: Format;
  readonly to: Format;
  /** √(Σ (x' − x)² / Σ x²) and max |x' − x|; absent unless measured. */
  readonly relativeL2?: number;
  readonly maxAbs?: number;
}

export interface ConvertReport {
  readonly source: string;
  readonly naming: string;
  readonly architecture: string;
  readonly notes: readonly string[];
  /** What was written. */
  readonly files: readonly string[];
  readonly tensors: readonly TensorReport[];
}

/**
 * Writes the model at `from` (a file, a folder, or several files) as GGUF at `to`. Throws `bad_option` before the work where
 * that is a file of the model, unless `force` is set.
 */
export async function convert(
  from: string | readonly string[],
  to: string,
  options: ConvertOptions = {},
): Promise<ConvertReport> {
  checkNames(options, optionNames);
  const { measure = false, signal, onProgress } = options;
  const paths = typeof from === "string" ? [from] : from;
  await using model = await openModel(paths, { ...options.naming, signal });
  checkTensors(model);
  const layout = layoutOf(model, options.layout ?? "fun-asr");
  const files = await layout.files(model, to, options);
  await guardFiles(
    files.map(({ path }) => path),
    options.force === true ? [] : paths,
  );
  const total = files.reduce((sum, { tensors }) => sum + tensors.length, 0);
  await using pool = startQuantizerPool(options.threads ?? 1);

  const reports: TensorReport[] = [];
  const onEncoded = (entry: TensorEntry, format: Format, deviation: Deviation): void => {
    reports.push(reportOf(entry, format, measure ? deviation : undefined));
    onProgress?.({ tensor: entry.name, done: reports.length, total });
  };
  for (const { path, metadata, tensors } of files) {
    const sources = tensors.map(({ entry, format }) => encoded(entry, format, { pool, measure, onEncoded }));
    await writeGguf(path, { metadata, tensors: sources }, signal === undefined ? {} : { signal });
  }
  return {
    source: model.source,
    naming: model.naming,
    architecture: String(model.metadata.get("general.architecture")),
    notes: [...model.notes, ...layout.notes(model)],
    files: files.map(({ path }) => path),
    tensors: reports,
  };
}

function reportOf(
  { name, shape, format: from }: TensorEntry,
  to: Format,
  deviation: Deviation | undefined,
): TensorReport {
  const report = { name, shape, from, to };
  if (deviation === undefined) return report;
  const { squares, errorSquares, largestError } = deviation;
  return {
    ...report,
    relativeL2: squares === 0 ? 0 : Math.sqrt(errorSquares / squares),
    maxAbs: largestError,
  };
}
