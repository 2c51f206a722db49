/**
 * Which tensors or stages look wrong. Nothing of the original is known here: a value is compared with what no sound model has
 * (NaN, blocks of zeros), and with its siblings, the same part in other layers.
 */

/** The figures of a tensor or a stage, in the order of the forward pass. */
export interface Figures {
  readonly name: string;
  readonly shape: readonly number[];
  readonly nonFinite: number;
  readonly mean: number;
  readonly rms: number;
  readonly zeros: { readonly length: number; readonly from: number };
}

export interface Finding {
  /** The tensor or stage. */
  readonly name: string;
  /** `broken`: no sound model has it. `unusual`: a sound model may have it; it explains a wrong text. */
  readonly level: "broken" | "unusual";
  readonly what: string;
}

/** Lookup tables have rows of zeros for what never occurred. */
const tables = /embed|ctc_lo|lm_head|output_layer/u;

/** Exact zeros side by side in a matrix: as many as a storage format has in a block. */
const zeroBlock = 32;

/** How many times its siblings' size is unusual. */
const factor = 4;

/** How far the ratio of mean and size may be from that of the siblings. */
const shift = 0.6;

/** A matrix without enough siblings is compared with 1/√columns, about which all trained matrices are. */
const alone = 12;

export function weightFindings(weights: readonly Figures[]): readonly Finding[] {
  const families = byRole(weights);
  return weights.flatMap((weight): readonly Finding[] => {
    const { name, shape, zeros } = weight;
    const broken = nonFiniteOf(weight);
    if (broken !== undefined) return [broken];
    const isMatrix = shape.length > 1 && !tables.test(name);
    if (isMatrix && zeros.length >= zeroBlock) {
      const columns = shape.at(-1) ?? 1;
      const [row, column] = [Math.floor(zeros.from / columns), zeros.from % columns];
      return [{ name, level: "broken", what: `${zeros.length} zeros from row ${row}, column ${column} on` }];
    }
    const siblings = families.get(roleOf(name)) ?? [];
    if (siblings.length >= 3) return comparedWith(weight, siblings);
    const size = weight.rms * Math.sqrt(shape.at(-1) ?? 1);
    if (!isMatrix || (size < alone && size > 1 / alone)) return [];
    return [{ name, level: "unusual", what: `values of about ${short(weight.rms)}` }];
  });
}

export function stageFindings(stages: readonly Figures[]): readonly Finding[] {
  const families = byRole(stages);
  return stages.flatMap((stage) => {
    const broken = nonFiniteOf(stage);
    if (broken !== undefined) return [broken];
    const siblings = families.get(roleOf(stage.name)) ?? [];
    return siblings.length < 3 ? [] : comparedWith(stage, siblings);
  });
}

function byRole(all: readonly Figures[]): ReadonlyMap<string, readonly Figures[]> {
  const families = new Map<string, Figures[]>();
  for (const one of all) {
    const role = roleOf(one.name);
    families.set(role, [...(families.get(role) ?? []), one]);
  }
  return families;
}

function nonFiniteOf({ name, nonFinite }: Figures): Finding | undefined {
  return nonFinite === 0
    ? undefined
    : { name, level: "broken", what: `${nonFinite} values are NaN or infinite` };
}

function comparedWith({ name, rms, mean }: Figures, siblings: readonly Figures[]): readonly Finding[] {
  const sizes = siblings.map((one) => Math.log(one.rms + Number.MIN_VALUE));
  const usual = median(sizes);
  const spread = 1.48 * median(sizes.map((size) => Math.abs(size - usual)));
  const apart = Math.log(rms + Number.MIN_VALUE) - usual;
  if (Math.abs(apart) > Math.max(Math.log(factor), 6 * spread)) {
    const times = short(Math.exp(Math.abs(apart)));
    const what =
      rms === 0
        ? "all values are 0"
        : `${times} times ${apart > 0 ? "larger" : "smaller"} than in other layers`;
    return [{ name, level: "unusual", what }];
  }
  const ratios = siblings.map((one) => ratioOf(one));
  const ratio = ratioOf({ mean, rms });
  if (Math.abs(ratio - median(ratios)) <= shift) return [];
  const what = `a mean of ${short(ratio)} of its size, and ${short(median(ratios))} in other layers`;
  return [{ name, level: "unusual", what }];
}

const ratioOf = ({ mean, rms }: Pick<Figures, "mean" | "rms">): number => (rms === 0 ? 0 : mean / rms);

const short = (value: number): string => value.toPrecision(2);

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The name without its layer. The first and the last layers of an encoder have lists of their own. */
export function roleOf(name: string): string {
  return name.replace(/\b(?:tp_)?encoders0?\.\d+\./u, "encoders.*.").replaceAll(/\.\d+(?=\.|$)/gu, ".*");
}
