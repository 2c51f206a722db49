/** ConvTranspose on the `wasm` backend: the reference, on the backend's memory. */
import { defineByReference } from "../wasm/kernel.ts";
import { convTranspose } from "./index.ts";
import { convTransposeReference } from "./reference.ts";

export function registerConvTranspose(): void {
  defineByReference(convTranspose, convTransposeReference);
}
