/** GGUF files: read by range behind a strict guard, written atomically, and any known naming as one checkpoint. */
export { openGguf } from "./file.ts";
export type { GgufFile, GgufSource, GgufTensor } from "./file.ts";
export { bool, float32, int32s, string, strings, uint32 } from "./values.ts";
export type { TypedMetadata, TypedValue } from "./values.ts";
export { bytesOf, copyOf, encodeGguf, encodeHead, writeGguf } from "./write.ts";
export type { GgufContent, TensorSource, WriteOptions } from "./write.ts";
export type { TensorDeclaration } from "./encode.ts";
export type { NamingOptions } from "./namings/naming.ts";
