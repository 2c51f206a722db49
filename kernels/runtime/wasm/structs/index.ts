/**
 * The arguments of every kernel of the pool, declared once. From these declarations come the AssemblyScript classes
 * (generate-structs.ts), the writer (arguments.ts), the data of the self-test and the types that callers of
 * `WasmRuntime.run` are checked against.
 *
 * A field takes four bytes; the order of declaration is the order in memory. `usize` is an address in the memory.
 */
import { attentionStructs } from "./attention.ts";
import { productStructs } from "./products.ts";
import { rowStructs } from "./rows.ts";
import type { MatrixArguments, Numbers } from "./struct.ts";

/** By kernel name; the order is that of the function table. */
export const structs = { ...productStructs, ...rowStructs, ...attentionStructs } as const;

export type KernelName = keyof typeof structs;

export const kernelNames = Object.keys(structs) as readonly KernelName[];

/** Index of a kernel in the function table; index 0 is empty. */
export const tableIndex = Object.fromEntries(kernelNames.map((name, i) => [name, i + 1])) as {
  readonly [name in KernelName]: number;
};

/** The arguments of a kernel by name. Fields of type f32 take the number itself, not its bits. */
export type KernelArguments<Name extends KernelName> = Numbers<(typeof structs)[Name]["fields"]> &
  ((typeof structs)[Name]["hasMatrices"] extends true
    ? { readonly matrices: readonly MatrixArguments[] }
    : unknown);
