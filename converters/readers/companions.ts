/** The small files in the folder of a checkpoint: configuration, tokens. Bounded, decoded strictly, named in errors. */
import type { FileSet } from "../../src/platform/file-set.ts";
import { malformed } from "../../src/checkpoints/malformed.ts";

/** Qwen's tokenizer.json has 11 MB; nothing else comes near. */
const maxBytes = 64 * 2 ** 20;

/** What is nested deeper cannot be described in a message, which goes through it by recursion. */
const maxDepth = 100;

/** A folder of companion files. */
export class Companions {
  readonly #files: FileSet;
  readonly #prefix: string;

  constructor(files: FileSet, prefix = "") {
    this.#files = files;
    this.#prefix = prefix;
  }

  /** The folder's path. */
  get folder(): string {
    return `${this.#files.name}/${this.#prefix}`.replace(/\/$/u, "");
  }

  /** A folder within this one. */
  at(name: string): Companions {
    return new Companions(this.#files, `${this.#prefix}${name}/`);
  }

  /** The path of a file in it, for messages. */
  where(name: string): string {
    return `${this.folder}/${name}`;
  }

  has(name: string): Promise<boolean> {
    return this.#files.has(this.#prefix + name);
  }

  async bytes(name: string): Promise<Uint8Array> {
    await using file = await this.#files.open(this.#prefix + name);
    if (file.size > maxBytes) throw malformed(this.where(name), `${file.size} bytes`, `at most ${maxBytes}`);
    const bytes = new Uint8Array(file.size);
    await file.read(0, bytes);
    return bytes;
  }

  async text(name: string): Promise<string> {
    const bytes = await this.bytes(name);
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch (cause) {
      throw malformed(this.where(name), "not UTF-8", "UTF-8 text", cause);
    }
  }

  async json(name: string): Promise<unknown> {
    const text = await this.text(name);
    if (isDeep(text)) throw malformed(this.where(name), `more than ${maxDepth} nested levels`, "JSON");
    try {
      return JSON.parse(text) as unknown;
    } catch (cause) {
      throw malformed(this.where(name), "not JSON", "JSON", cause);
    }
  }
}

/** Whether brackets outside of strings are nested too deep. */
function isDeep(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const sign = text.charAt(at);
    if (inString && sign === "\\") at++;
    else if (sign === '"') inString = !inString;
    else if (!inString && (sign === "[" || sign === "{")) depth++;
    else if (!inString && (sign === "]" || sign === "}")) depth--;
    if (depth > maxDepth) return true;
  }
  return false;
}
