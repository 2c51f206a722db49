/** Lstm on the `wasm` backend: the reference, on the backend's memory. */
import { defineByReference } from "../wasm/kernel.ts";
import { lstm } from "./index.ts";
import { lstmReference } from "./reference.ts";

export function registerLstm(): void {
  defineByReference(lstm, lstmReference);
}
