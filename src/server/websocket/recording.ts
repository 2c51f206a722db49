/** Sound that comes in messages and is recognized when all of it is there: a temporary file. */
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { workFolder } from "../../adapters/node/output/temporary.ts";
import { cleanHeader } from "../../audio/wav.ts";
import { FunAsrError } from "../../errors.ts";
import { tooLarge } from "../upload.ts";
import type { SampleFormat } from "./sample-reader.ts";

export class Recording implements AsyncDisposable {
  /** The path of the file. */
  readonly audio: string;
  readonly #file: FileHandle;
  readonly #folder: AsyncDisposable;
  readonly #maxBytes: number;
  #bytes = 0;

  private constructor(audio: string, file: FileHandle, folder: AsyncDisposable, maxBytes: number) {
    this.audio = audio;
    this.#file = file;
    this.#folder = folder;
    this.#maxBytes = maxBytes;
  }

  /** Without a format, what comes is a file of any kind. */
  static async begin(format: SampleFormat | undefined, maxBytes: number): Promise<Recording> {
    const folder = await workFolder();
    const audio = join(folder.path, "audio");
    const file = await open(audio, "wx", 0o600);
    const recording = new Recording(audio, file, folder, maxBytes);
    if (format !== undefined)
      await file.write(cleanHeader({ ...format, channels: 1, frameBytes: format.bits / 8 }));
    return recording;
  }

  /** Bytes that have come. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Throws `body_too_large` and `disk_full`. */
  async append(bytes: Uint8Array): Promise<void> {
    if (this.#bytes + bytes.length > this.#maxBytes) throw tooLarge(this.#maxBytes);
    this.#bytes += bytes.length;
    try {
      await this.#file.appendFile(bytes);
    } catch (cause) {
      const isFull = (cause as NodeJS.ErrnoException).code === "ENOSPC";
      throw isFull ? new FunAsrError("disk_full", "audio", "there is no space for it", { cause }) : cause;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
    await this.#folder[Symbol.asyncDispose]();
  }
}
