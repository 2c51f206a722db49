/** How the arguments of a kernel are declared. */

type FieldType = "i32" | "u32" | "usize" | "f32";
export type Fields = Readonly<Record<string, FieldType>>;

export interface Struct<Declared extends Fields = Fields, HasMatrices extends boolean = boolean> {
  /** Name of the AssemblyScript class. */
  readonly className: string;
  readonly fields: Declared;
  /** One or more structs of {@link matrixFields} follow. */
  readonly hasMatrices: HasMatrices;
}

export function struct<const Declared extends Fields>(
  className: string,
  fields: Declared,
): Struct<Declared, false> {
  return { className, fields, hasMatrices: false };
}

export function structWithMatrices<const Declared extends Fields>(
  className: string,
  fields: Declared,
): Struct<Declared, true> {
  return { className, fields, hasMatrices: true };
}

/** A weight matrix of a product: what it multiplies by, and where its result goes. */
export const matrixFields = {
  /** Groups of 8 rows (linearQ8) or panels of 16 rows (gemmQ8, linearFloat). */
  groups: "i32",
  rows: "i32",
  weights: "usize",
  /** Q8 only, else 0. */
  scales: "usize",
  /** 0: none. */
  bias: "usize",
  /** [frames, rows] */
  y: "usize",
} as const satisfies Fields;

export type Numbers<Declared extends Fields> = { readonly [name in keyof Declared]: number };

export type MatrixArguments = Numbers<typeof matrixFields>;
