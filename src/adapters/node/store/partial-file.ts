/** Files that are being downloaded: bytes are appended at once, so that those of a killed process are not lost. */
import { mkdir, open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import type { PartialFile } from "../../../platform/store.ts";
import { unwritable } from "../output/unwritable.ts";

/** Opens or begins the file at `path`; `commit` moves it to what `nameFor` says. */
export async function openPartialFile(
  path: string,
  nameFor: (sha256: string) => Promise<string>,
): Promise<PartialFile> {
  const failed = (cause: unknown): never => {
    throw unwritable(path, cause);
  };
  await mkdir(dirname(path), { recursive: true }).catch(failed);
  // "a+" creates and keeps; every write goes to the end
  const handle = await open(path, "a+").catch(failed);
  let { size } = await handle.stat();
  return {
    path,
    get size() {
      return size;
    },
    async append(bytes) {
      for (let done = 0; done < bytes.length;) {
        const { bytesWritten } = await handle.write(bytes, done, bytes.length - done).catch(failed);
        done += bytesWritten;
        size += bytesWritten;
      }
    },
    async restart() {
      await handle.truncate(0).catch(failed);
      size = 0;
    },
    async commit(sha256) {
      const name = await nameFor(sha256);
      try {
        await handle.sync();
        await mkdir(dirname(name), { recursive: true });
        await rename(path, name);
      } catch (cause) {
        failed(cause);
      }
      return name;
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}
