/** Devices, pipes and standard output: bytes are written to what is there; to a terminal as printable text. */
import { constants, open as openFile } from "node:fs";
import { open } from "node:fs/promises";
import { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { isatty } from "node:tty";
import { promisify } from "node:util";
import type { Place } from "./place.ts";
import { printableBytes } from "./printable.ts";
import { unwritable } from "./unwritable.ts";

export interface OutputStream {
  /** The bytes must not change until the promise settles. */
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** Between two looks for the reader of a pipe. */
const waitMs = 20;

/** Throws `file_unwritable`, as its methods do. A pipe waits for its reader. */
export async function openStream(
  path: string,
  place: Exclude<Place, { kind: "file" }>,
): Promise<OutputStream> {
  if (place.kind === "stdout") {
    const stream = throughStream(path, process.stdout, async () => {});
    return process.stdout.isTTY ? toTerminal(path, stream) : stream;
  }
  if (place.kind === "pipe") {
    const socket = new Socket({ fd: await openPipe(path), readable: false, writable: true });
    const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
    return throughStream(path, socket, () => {
      socket.end();
      return closed;
    });
  }
  const refuse = (cause: unknown): never => {
    throw unwritable(path, cause);
  };
  const file = await open(path, constants.O_WRONLY | (constants.O_NOCTTY ?? 0)).catch(refuse);
  const device: OutputStream = {
    async write(bytes) {
      for (let done = 0; done < bytes.length;) {
        done += (await file.write(bytes, done).catch(refuse)).bytesWritten;
      }
    },
    close: () => file.close(),
  };
  return isatty(file.fd) ? toTerminal(path, device) : device;
}

/** Text without what controls a terminal; bytes that are no text are refused. */
function toTerminal(path: string, { write, close }: OutputStream): OutputStream {
  const clean = printableBytes();
  return {
    close,
    async write(bytes) {
      const text = clean(bytes);
      if (text === undefined)
        throw unwritable(path, { code: "this is a terminal, and the output is no text" });
      await write(text);
    },
  };
}

/** Opens a pipe once it has a reader; a plain open would hold a thread until then, also when the process is to end. */
async function openPipe(path: string): Promise<number> {
  for (;;) {
    try {
      return await promisify(openFile)(path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== "ENXIO") throw unwritable(path, cause);
      await sleep(waitMs);
    }
  }
}

function throughStream(
  path: string,
  stream: NodeJS.WritableStream,
  close: () => Promise<void>,
): OutputStream {
  const ignore = (): void => {}; // the callback of the write that fails gets the error, too
  stream.on("error", ignore);
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        stream.write(bytes, (cause) => (cause ? reject(unwritable(path, cause)) : resolve()));
      }),
    async close() {
      await close();
      stream.off("error", ignore);
    },
  };
}
