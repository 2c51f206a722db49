/** Starts a server. */
import { createFolder } from "../adapters/node/output/create-folder.ts";
import { RuntimeError } from "../errors.ts";
import type { ModelSource } from "../transcriber/types.ts";
import { checkServeOptions } from "./options.ts";
import type { ServeOptions } from "./options.ts";
import type { RunningServer } from "./serve-at.ts";
import { openSocket } from "./socket.ts";

/**
 * Serves a model over HTTP; other installed models are loaded when a client names them. Returns once clients can connect; until
 * `ready`, their requests wait. Disposing of it ends all at once. Throws `bad_option`, `server_missing`, errors of files of the
 * certificate, `port_unusable`, and `file_unwritable` for the folder of `record`.
 */
export async function serve(model: ModelSource, options: ServeOptions = {}): Promise<RunningServer> {
  checkServeOptions(options);
  options.signal?.throwIfAborted();
  if (options.record !== undefined) await createFolder(options.record);
  const { serveAt } = await importServer();
  return serveAt(await openSocket(options), model, options);
}

/** What answers, with its packages, which an installation may have left out. Throws `server_missing`. */
export async function importServer(): Promise<Pick<typeof import("./serve-at.ts"), "serveAt">> {
  try {
    await import("./upload.ts"); // the first request would need it
    return await import("./serve-at.ts");
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const [, name] = /^Cannot find package '([^']+)'/u.exec(message) ?? [];
    if (code !== "ERR_MODULE_NOT_FOUND" || name === undefined) throw cause;
    throw new RuntimeError("server_missing", "server", `the package ${name} is not installed`, {
      wanted: "the optional dependencies of fun-asr",
      remedy: "Install it with them: npm install --include=optional",
      cause,
    });
  }
}
