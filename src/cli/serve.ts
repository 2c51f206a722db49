/** `fun-asr serve`: recognition over HTTP. */
import { RuntimeError } from "../errors.ts";
import { bundledModel, chosenModel } from "./chosen-model.ts";
import { defineCommand } from "./command.ts";
import { bad } from "./content.ts";
import { explain } from "./exit.ts";
import { serveFlags } from "./flags/serve.ts";

export const serve = defineCommand({
  flags: serveFlags,
  async run(run, flags) {
    const { screen } = run;
    let stop = (): void => {};
    const stopped = new Promise<void>((resolve) => (stop = resolve));
    let isStopping = false;
    // the first signal lets requests come to their end; the second one ends them
    const onSignal = (): boolean => {
      const isFirst = !isStopping;
      isStopping = true;
      stop();
      return isFirst;
    };
    const { signal } = run.start({ progress: false, onSignal });
    const source = await chosenModel(flags, screen);
    const { serve: start } = await importServer();
    const { model: _, apiKey = environmentKey(), ...options } = flags;
    await using server = await start(source, {
      ...options,
      apiKey,
      name: source === bundledModel() ? "demo" : undefined,
      signal,
      onError: (error) => screen.note(bad(explain(error))),
    });
    screen.result(`fun-asr serves ${server.model} at ${server.url}`);
    await Promise.race([server.ready, stopped]);
    if (!isStopping) screen.note("ready");
    await stopped;
    screen.note("completing the requests; a second signal ends them");
    await server.drain();
    signal.throwIfAborted();
  },
});

/** Keys on a command line are seen by all users of the machine. */
function environmentKey(): readonly string[] | undefined {
  const key = process.env["FUN_ASR_API_KEY"] ?? "";
  return key === "" ? undefined : [key];
}

/** The server and its packages, which an installation may have left out. */
async function importServer(): Promise<typeof import("../server/serve.ts")> {
  try {
    return await import("../server/serve.ts");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw cause;
    throw new RuntimeError("server_missing", "fun-asr serve", "packages of the server are not installed", {
      remedy: "Install fun-asr with its optional dependencies: npm install --include=optional",
      cause,
    });
  }
}
