/** GGUF files: read by range behind a strict guard, and encoded. */
export type { GgufFile, GgufSource, GgufTensor } from "./file.ts";
export { openGguf } from "./split.ts";
export { bool, float32, int32s, string, strings, uint32 } from "./values.ts";
export type { TypedMetadata, TypedValue } from "./values.ts";
export { bytesOf, copyOf, encodeGguf, encodeHead } from "./write.ts";
export type { GgufContent, TensorSource, WriteOptions } from "./write.ts";
export type { TensorDeclaration } from "./encode.ts";
