/** The safetensors container: tensors by name, with a header that is checked to the last byte. */
export { readSafetensors } from "./file.ts";
export { encodeSafetensors, floatsOf, floatTensor, parseSafetensors } from "./safetensors.ts";
export type { Safetensors, StoredTensor } from "./safetensors.ts";
export type { Dtype } from "./header.ts";
