/** The values a checkpoint's pickle can build: plain data. Nothing here can be called. */

/** Element types of storages, with their sizes in bytes, under the names that a pickle uses for them. */
export const storageTypes = {
  "torch FloatStorage": { dtype: "float32", size: 4 },
  "torch HalfStorage": { dtype: "float16", size: 2 },
  "torch BFloat16Storage": { dtype: "bfloat16", size: 2 },
  "torch DoubleStorage": { dtype: "float64", size: 8 },
  "torch LongStorage": { dtype: "int64", size: 8 },
  "torch IntStorage": { dtype: "int32", size: 4 },
  "torch ShortStorage": { dtype: "int16", size: 2 },
  "torch CharStorage": { dtype: "int8", size: 1 },
  "torch ByteStorage": { dtype: "uint8", size: 1 },
  "torch BoolStorage": { dtype: "bool", size: 1 },
} as const;

export type StorageType = (typeof storageTypes)[keyof typeof storageTypes];
export type TorchDtype = StorageType["dtype"];

/** Functions and classes that a pickle may name; each is a constant that the interpreter knows what to do with. */
const callables = [
  "collections OrderedDict",
  "torch._utils _rebuild_tensor_v2",
  "torch._utils _rebuild_parameter",
] as const;

/** Functions whose results no tensor needs (`inert.ts`). */
const inert = [
  "_codecs encode",
  "__builtin__ bytes",
  "numpy dtype",
  "numpy.core.multiarray scalar",
  "numpy._core.multiarray scalar",
  "numpy.core.multiarray _reconstruct",
  "numpy._core.multiarray _reconstruct",
  "torch Size",
  "torch device",
  "__builtin__ set",
  "collections Counter",
] as const;
export type InertName = (typeof inert)[number];

/** Classes and element types that stand among the arguments of these functions, or among the values of a trainer. */
const constants = [
  "numpy ndarray",
  "torch float32",
  "torch float16",
  "torch bfloat16",
  "torch float64",
  "torch int64",
] as const;

type GlobalName =
  | (typeof callables)[number]
  | InertName
  | (typeof constants)[number]
  | keyof typeof storageTypes;

const names: ReadonlySet<string> = new Set([...callables, ...inert, ...constants]);

export function isGlobalName(name: string): name is GlobalName {
  return Object.hasOwn(storageTypes, name) || names.has(name);
}

/** What an inert function would return: it is known that there is one, and nothing else. */
export interface Inert {
  readonly kind: "inert";
  readonly name: InertName;
}

interface Global {
  readonly kind: "global";
  readonly name: GlobalName;
}

export interface Tuple {
  readonly kind: "tuple";
  readonly items: readonly Value[];
}

interface List {
  readonly kind: "list";
  readonly items: Value[];
}

export interface Dict {
  readonly kind: "dict";
  readonly ordered: boolean;
  readonly entries: Map<string | number, Value>;
}

/** One entry `data/<key>` of the archive. */
export interface Storage {
  readonly kind: "storage";
  readonly type: StorageType;
  readonly key: string;
  /** In elements. */
  readonly count: number;
}

/** A view of a storage; offset and strides count elements. */
export interface Tensor {
  readonly kind: "tensor";
  readonly storage: Storage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Global
  | Tuple
  | List
  | Dict
  | Storage
  | Tensor
  | Inert;

/** For messages. */
export function describeValue(value: Value | undefined): string {
  if (value === undefined) return "nothing";
  if (value === null || typeof value !== "object") return `${typeof value} ${String(value).slice(0, 60)}`;
  if (value.kind === "inert") return `a value of ${value.name.replace(" ", ".")}`;
  return value.kind === "global" ? value.name.replace(" ", ".") : `a ${value.kind}`;
}
