/**
 * The panels of a tensor of keys or values. A cache that attention finds in rows is packed once and stays packed: later
 * rows are written into the panels. Other tensors are packed for one call.
 */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import type { WasmBackend } from "./backend.ts";
import { pack } from "./cache-panels.ts";
import type { CachePanels } from "./cache-panels.ts";
import type { WasmRuntime } from "./runtime.ts";

type MaybeTemporary = CachePanels & { readonly temporary: boolean };

/** The panels of a cache (a tensor with more than `length` rows), packed now if need be; or panels for this call. */
export function panelsOf(
  backend: WasmBackend,
  info: TensorInfo,
  layout: CachePanels["layout"],
  headDim: number,
  length: number,
): MaybeTemporary {
  const known = backend.panels(info);
  if (known?.layout === layout && known.headDim === headDim) return { ...known, temporary: false };
  const [rows, columns] = info.shape as [number, number];
  const temporary = rows === length;
  const shape = { layout, capacity: rows, columns, headDim };
  const panels = pack(backend.runtime, shape, backend.address(info), length);
  if (!temporary) backend.adoptPanels(info, panels);
  return { ...panels, temporary };
}

/** Frees panels that were packed for one call. */
export function release({ allocator }: WasmRuntime, { address, temporary }: MaybeTemporary): void {
  if (temporary) allocator.free(address);
}
