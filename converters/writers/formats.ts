/**
 * In which format each tensor is stored. What the model reads as plain numbers (norms, biases, FSMN kernels) is F32;
 * matrices get the type that was chosen where their rows are whole blocks of it; rules by name come first.
 */
import { bitsOf, formats } from "../../kernels/formats/table.ts";
import type { Format } from "../../kernels/formats/table.ts";
import type { TensorEntry } from "../../src/checkpoints/checkpoint.ts";
import { UsageError } from "../../src/errors.ts";
import { parsePattern } from "../../src/text/patterns.ts";
import type { Pattern } from "../../src/text/patterns.ts";
import { suggestion } from "../../src/options/nearest.ts";
import type { ExpectedTensor } from "../../src/architectures/build.ts";

/** Tensors whose whole name matches are stored in this format. */
export interface Rule {
  readonly pattern: Pick<Pattern, "test">;
  readonly format: Format;
}

/** `ctc\..*=f16`, as the command line has it. */
export function parseRule(text: string): Rule {
  const at = text.lastIndexOf("=");
  const format = parseFormat(text.slice(at + 1));
  if (at < 1)
    throw new UsageError("bad_option", "rule", JSON.stringify(text), {
      wanted: "<regular expression>=<type>",
    });
  return { pattern: parsePattern(`^(?:${text.slice(0, at)})$`, "", "rule"), format };
}

export function parseFormat(text: string): Format {
  const name = text.toUpperCase();
  if (Object.hasOwn(formats, name)) return name as Format;
  const known = Object.keys(formats).map((format) => format.toLowerCase());
  const wanted = `one of ${known.join(", ")}`;
  throw new UsageError("bad_option", "type", JSON.stringify(text), { wanted, ...suggestion(text, known) });
}

/** Vocabularies and the heads that end in them lose most by coarse blocks: they get at least Q6_K. */
const heads = /(^|\.)(embed_tokens|lm_head|ctc_lo|(hotword_)?output_layer|embed(\.0)?)\.weight$/;
/** The predictor's alphas decide how many tokens there are; it is small and never quantized. */
const precise = /^predictor\./;

/** The format of each tensor by name. */
export function chooseFormats(
  tensors: ReadonlyMap<string, TensorEntry>,
  uses: readonly ExpectedTensor[],
  type: Format | undefined,
  rules: readonly Rule[] = [],
): ReadonlyMap<string, Format> {
  const roles = new Map(uses.map(({ path, role }) => [path, role]));
  return new Map(
    [...tensors].map(([name, entry]) => {
      const rule = rules.find(({ pattern }) => pattern.test(name));
      const isMatrix = roles.get(name) === "matrix";
      if (rule !== undefined) return [name, ruled(entry, rule.format, isMatrix)];
      if (!roles.has(name)) return [name, entry.format];
      return [name, isMatrix ? matrixFormat(entry, type) : "F32"];
    }),
  );
}

/**
 * `format`, as a rule demands it: a pattern means a whole module as a rule, so blocks are for its matrices only, and
 * rows that are no whole blocks get 16 bits.
 */
export function ruled(entry: TensorEntry, format: Format, isMatrix: boolean): Format {
  if (formats[format].blockSize === 1) return format;
  if (!isMatrix) return "F32";
  return fits(entry, format) ? format : sixteenBits(entry);
}

function matrixFormat(entry: TensorEntry, type: Format | undefined): Format {
  if (type === undefined) return entry.format;
  if (formats[type].blockSize === 1) return type;
  if (precise.test(entry.name)) return sixteenBits(entry);
  const isCoarse = bitsOf(type) < bitsOf("Q6_K");
  const wanted: readonly Format[] = isCoarse && heads.test(entry.name) ? ["Q6_K", "Q8_0"] : [type, "Q8_0"];
  return wanted.find((format) => fits(entry, format)) ?? sixteenBits(entry);
}

/** For matrices whose rows are no whole blocks, such as the entry layer's 560. */
function sixteenBits(entry: TensorEntry): Format {
  return entry.format === "BF16" ? "BF16" : "F16";
}

/** Whether rows are whole blocks. */
export function fits(entry: TensorEntry, format: Format): boolean {
  return rowLength(entry) % formats[format].blockSize === 0;
}

function rowLength({ shape }: TensorEntry): number {
  return shape.at(-1) ?? 1;
}
