/** Unfold on the `wasm` backend: the reference, on the backend's memory. */
import { defineByReference } from "../../runtime/wasm/kernel.ts";
import { unfold } from "./index.ts";
import { unfoldReference } from "./reference.ts";

export function registerUnfold(): void {
  defineByReference(unfold, unfoldReference);
}
