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

const containers: Readonly<Record<string, string>> = {
  pt: "a PyTorch checkpoint: a zip archive or a pickle",
  pth: "a PyTorch checkpoint: a zip archive or a pickle",
  onnx: "an ONNX model",
  safetensors: "a safetensors file: the length of its header, then JSON",
};

/** What a file should hold by the extension of its name; undefined for GGUF and names that state no container. */
export function containerOfName(name: string): string | undefined {
  const extension = /\.([^./\\]+)$/u.exec(name)?.[1]?.toLowerCase() ?? "";
  return Object.hasOwn(containers, extension) ? containers[extension] : undefined;
}

/** What the first ten bytes of a file are, for an error's text. */
export function headText(head: Uint8Array): string {
  if (head.length === 0) return "the file is empty";
  if (head.every((byte) => byte >= 0x20 && byte < 0x7f))
    return `the file begins with the text ${JSON.stringify(String.fromCharCode(...head))}`;
  const bytes = Array.from(head.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0"));
  return `the file begins with the bytes ${bytes.join(" ")}`;
}
