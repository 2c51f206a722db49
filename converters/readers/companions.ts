/** The small files beside a checkpoint: configuration, tokens. Bounded, decoded strictly, named in complaints. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { openFile } from "../../src/adapters/node/open-file.ts";
import { malformed } from "./malformed.ts";

/** Qwen's tokenizer.json has 11 MB; nothing else comes near. */
const maxBytes = 64 * 2 ** 20;

/** A folder of companion files. */
export class Companions {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  at(name: string): Companions {
    return new Companions(join(this.folder, name));
  }

  has(name: string): boolean {
    return existsSync(join(this.folder, name));
  }

  async text(name: string): Promise<string> {
    const path = join(this.folder, name);
    await using file = await openFile(path);
    if (file.size > maxBytes) throw malformed(path, `${file.size} bytes`, `at most ${maxBytes}`);
    const bytes = new Uint8Array(file.size);
    await file.read(0, bytes);
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch (cause) {
      throw malformed(path, "not UTF-8", "UTF-8 text", cause);
    }
  }

  async json(name: string): Promise<unknown> {
    const text = await this.text(name);
    try {
      return JSON.parse(text) as unknown;
    } catch (cause) {
      throw malformed(join(this.folder, name), "not JSON", "JSON", cause);
    }
  }
}
