/** Cif on the `wasm` backend: the reference, on the backend's memory. */
import { defineByReference } from "../../runtime/wasm/kernel.ts";
import { cif } from "./index.ts";
import { cifReference } from "./reference.ts";

export function registerCif(): void {
  defineByReference(cif, cifReference);
}
