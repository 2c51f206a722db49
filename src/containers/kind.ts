/** What a file holds, by its first bytes. */
import type { ByteSource } from "../platform/bytes.ts";
import { platform } from "../platform/current.ts";

type Kind = "gguf" | "onnx" | "text" | "state dict" | "unknown";

/**
 * What a file's first bytes show. An ONNX model begins with its version, a varint in field 1; base64 and ids begin with
 * a letter or a digit; a state dict is a zip archive, a pickle of old, or a length and a brace.
 */
export async function kindOf(path: string): Promise<Kind> {
  await using file = await platform().openFile(path);
  return kindOfHead(await headOf(file));
}

/** The same, of the first ten bytes. */
export function kindOfHead(head: Uint8Array): Kind {
  const text = String.fromCharCode(...head);
  if (text.startsWith("GGUF")) return "gguf";
  if (head[0] === 0x08 && head[8] !== 0x7b) return "onnx";
  if (!isSafetensors(head) && /^[A-Za-z0-9+/=]+ /.test(text)) return "text";
  return text.startsWith("PK") || head[0] === 0x80 || isSafetensors(head) ? "state dict" : "unknown";
}

/** The first ten bytes, or all of a shorter file. */
export async function headOf(file: ByteSource): Promise<Uint8Array> {
  const head = new Uint8Array(Math.min(10, file.size));
  await file.read(0, head);
  return head;
}

/** A safetensors header begins with its length, of which eight bytes' upper half is zero, then a brace. */
export const isSafetensors = (head: Uint8Array): boolean =>
  head[8] === 0x7b && head.subarray(4, 8).every((byte) => byte === 0);
