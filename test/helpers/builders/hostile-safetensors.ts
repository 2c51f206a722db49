/** Safetensors that break a rule: what is wrong, the file, and the code of the refusal where it is a rarer one. */
import type { ErrorCode } from "../../../src/errors.ts";

/** A file with this header text and number of bytes of data. */
export function file(header: string | Uint8Array, dataBytes = 0, length?: bigint): Uint8Array {
  const json = Buffer.from(header);
  const bytes = Buffer.alloc(8 + json.length + dataBytes);
  bytes.writeBigUInt64LE(length ?? BigInt(json.length), 0);
  json.copy(bytes, 8);
  return bytes;
}

export const tensor = (shape: string, offsets: string, dtype = '"F32"') =>
  `{"dtype":${dtype},"shape":${shape},"data_offsets":${offsets}}`;
export const one = tensor("[1]", "[0,4]");

export const hostileSafetensors: readonly [what: string, bytes: Uint8Array, code?: ErrorCode][] = [
  ["nothing", new Uint8Array()],
  ["seven bytes", new Uint8Array(7)],
  ["a length beyond the file", file("{}", 0, 3n)],
  ["a length of 2⁶³", file("{}", 0, 2n ** 63n)],
  ["a length of 2⁶⁴ − 1", file("{}", 0, 2n ** 64n - 1n)],
  ["an empty header", file("", 0, 0n)],
  ["a header that begins with a space", file(" {}")],
  ["a header that is an array", file("[]")],
  ["a header that is cut", file('{"a":')],
  ["text after the header's end", file("{} x")],
  ["a byte order mark", file("\ufeff{}")],
  ["a header that is not UTF-8", file(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x7d))],
  ["a NUL in a name", file(`{"a\u0000":${one}}`, 4)],
  ["half a surrogate pair in a name", file(`{"\\ud800":${one}}`, 4)],
  ["a bad escape", file(`{"\\x41":${one}}`, 4)],
  ["a name of two megabytes without an end", file(`{"${"a".repeat(2 ** 21)}`)],
  ["a size of a megabyte of digits", file(`{"a":${tensor(`[${"1".repeat(2 ** 20)}]`, "[0,4]")}}`, 4)],
  ["an unclosed string", file('{"a')],
  ["a trailing comma", file(`{"a":${one},}`, 4)],
  ["a semicolon in place of a colon", file(`{"a";${one}}`, 4)],
  ["a bracket in place of a brace at the end", file(`{"a":${one}]`, 4)],
  ["a comment", file("{/* */}")],
  ["single quotes", file("{'a':1}")],
  ["the same tensor twice", file(`{"a":${one},"a":${one}}`, 4)],
  ["the same tensor twice, once escaped", file(`{"a":${one},"\\u0061":${one}}`, 4)],
  ["the same field twice", file('{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}', 4)],
  ["metadata twice", file('{"__metadata__":{},"__metadata__":{}}')],
  ["metadata that is not text", file('{"__metadata__":{"a":1}}')],
  ["metadata that is a list", file('{"__metadata__":[]}')],
  ["a tensor that is a number", file('{"a":1}')],
  ["a tensor without a dtype", file('{"a":{"shape":[1],"data_offsets":[0,4]}}', 4)],
  ["a tensor without a shape", file('{"a":{"dtype":"F32","data_offsets":[0,4]}}', 4)],
  ["a tensor without offsets", file('{"a":{"dtype":"F32","shape":[1]}}', 4)],
  ["an unknown field", file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"strides":[1]}}', 4)],
  ["an unknown dtype", file(`{"a":${tensor("[1]", "[0,1]", '"F8_E4M3"')}}`, 1), "unsupported_format"],
  [
    "a dtype of Object.prototype",
    file(`{"a":${tensor("[1]", "[0,4]", '"toString"')}}`, 4),
    "unsupported_format",
  ],
  ["a dtype that is a number", file(`{"a":${tensor("[1]", "[0,4]", "4")}}`, 4)],
  ["__proto__ that is no tensor", file('{"__proto__":{"x":1}}')],
  ["a negative size", file(`{"a":${tensor("[-1]", "[0,4]")}}`, 4)],
  ["a fraction", file(`{"a":${tensor("[1.0]", "[0,4]")}}`, 4)],
  ["an exponent", file(`{"a":${tensor("[1e0]", "[0,4]")}}`, 4)],
  ["a leading zero", file(`{"a":${tensor("[01]", "[0,4]")}}`, 4)],
  ["null for a size", file(`{"a":${tensor("[null]", "[0,4]")}}`, 4)],
  ["text for a size", file(`{"a":${tensor('["1"]', "[0,4]")}}`, 4)],
  ["a size of 2⁵³", file(`{"a":${tensor("[9007199254740992]", "[0,4]")}}`, 4)],
  ["sizes whose product overflows", file(`{"a":${tensor("[4294967296,4294967296,4294967296]", "[0,0]")}}`)],
  [
    "sizes whose product wraps to what is there",
    file(`{"a":${tensor("[4611686018427387905]", "[0,4]")}}`, 4),
  ],
  ["nine dimensions", file(`{"a":${tensor("[1,1,1,1,1,1,1,1,1]", "[0,4]")}}`, 4)],
  ["deep nesting", file(`{"a":${"[".repeat(50_000)}`)],
  ["three offsets", file(`{"a":${tensor("[1]", "[0,4,8]")}}`, 4)],
  ["offsets that run backwards", file(`{"a":${tensor("[1]", "[4,0]")}}`, 4)],
  ["offsets beyond the file", file(`{"a":${tensor("[2]", "[0,8]")}}`, 4)],
  ["a size that is not the shape's", file(`{"a":${tensor("[2]", "[0,4]")}}`, 4)],
  ["a hole at the start", file(`{"a":${tensor("[1]", "[4,8]")}}`, 8)],
  ["a hole between", file(`{"a":${one},"b":${tensor("[1]", "[8,12]")}}`, 12)],
  ["an overlap", file(`{"a":${tensor("[2]", "[0,8]")},"b":${tensor("[2]", "[4,12]")}}`, 12)],
  ["two tensors in one place", file(`{"a":${one},"b":${one}}`, 4)],
  ["data after the last tensor: a polyglot", file(`{"a":${one}}`, 5)],
  ["data without tensors", file("{}", 1)],
];
