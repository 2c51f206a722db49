/** From any checkpoint to one GGUF file: opened, checked against the model, stored in the chosen formats. */
import type { Format } from "../kernels/formats/table.ts";
import type { TensorEntry } from "../src/checkpoint.ts";
import type { DialectOptions } from "../src/gguf/dialects/dialect.ts";
import { writeGguf } from "../src/gguf/write.ts";
import { checkTensors } from "../src/model.ts";
import { encoded } from "./encode.ts";
import { chooseFormats } from "./formats.ts";
import type { Rule } from "./formats.ts";
import { describe, typed } from "./metadata.ts";
import type { Naming } from "./metadata.ts";
import { openModel } from "./open.ts";
import type { Deviation } from "./recode.ts";
import { startRecoders } from "./recoders.ts";

export interface ConvertOptions extends Naming {
  /** Format of the matrices; as they are where absent. */
  readonly type?: Format | undefined;
  /** Formats by name, before `type`; the first that matches counts. */
  readonly rules?: readonly Rule[] | undefined;
  /** Whether to compare what is stored with what was read. */
  readonly measure?: boolean | undefined;
  readonly threads?: number | undefined;
  readonly dialect?: DialectOptions | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: ConvertProgress) => void) | undefined;
}

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
  readonly dialect: string;
  readonly architecture: string;
  readonly notes: readonly string[];
  readonly tensors: readonly TensorReport[];
}

/** Writes the model at `from` (a file, a folder, or several files) as one GGUF file at `to`. */
export async function convert(
  from: string | readonly string[],
  to: string,
  options: ConvertOptions = {},
): Promise<ConvertReport> {
  const paths = typeof from === "string" ? [from] : from;
  await using model = await openModel(paths, options.dialect);
  const formats = chooseFormats(model.tensors, checkTensors(model), options.type, options.rules);
  const metadata = typed(await describe(model, formats, options));
  await using recoders = startRecoders(options.threads ?? 1);

  const reports: TensorReport[] = [];
  const onEncoded = (
    entry: TensorEntry,
    format: Format,
    { squares, errorSquares, largestError }: Deviation,
  ): void => {
    const { name, shape } = entry;
    const measured = options.measure === true && {
      relativeL2: squares === 0 ? 0 : Math.sqrt(errorSquares / squares),
      maxAbs: largestError,
    };
    reports.push({ name, shape, from: entry.format, to: format, ...measured });
    options.onProgress?.({ tensor: name, done: reports.length, total: model.tensors.size });
  };
  const encoding = { recoders, measure: options.measure === true, onEncoded };
  const tensors = [...model.tensors.values()].map((entry) =>
    encoded(entry, formats.get(entry.name) ?? entry.format, encoding),
  );
  await writeGguf(to, { metadata, tensors }, options.signal === undefined ? {} : { signal: options.signal });
  const { source, dialect, notes } = model;
  return {
    source,
    dialect,
    notes,
    architecture: String(model.metadata.get("general.architecture")),
    tensors: reports,
  };
}
