/** `fun-asr serve`: recognition over HTTP. */
import { createFolder } from "../adapters/node/output/create-folder.ts";
import { bundledModel, chosenModel } from "./chosen-model.ts";
import { defineCommand } from "./command.ts";
import { bad } from "./content.ts";
import { explain } from "./exit.ts";
import { serveFlags } from "./flags/serve.ts";
import { namedPunctuation } from "./punctuation-model.ts";
import { checkServeOptions } from "../server/options.ts";
import { importServer } from "../server/serve.ts";
import { openSocket } from "../server/socket.ts";

export const serve = defineCommand({
  flags: serveFlags,
  async run(run, flags) {
    const { screen } = run;
    let stop = (): void => {};
    const stopped = new Promise<void>((resolve) => (stop = resolve));
    let [isReady, isStopping] = [false, false];
    // a server that is ready lets requests come to their end at the first signal; all others end it
    const onSignal = (): boolean => {
      const drains = isReady && !isStopping;
      isStopping = true;
      stop();
      return drains;
    };
    const { signal } = run.start({ progress: false, onSignal });
    const { model: _, puncModel, apiKey = environmentKey(), ...rest } = flags;
    const onError = (error: unknown): void => screen.note(bad(explain(error)));
    const options = { ...rest, apiKey, signal, onError };
    checkServeOptions(options);
    if (flags.record !== undefined) await createFolder(flags.record);
    await using socket = await openSocket(options);
    const { serveAt } = await importServer(); // what takes longer, while clients can see that it is coming
    const source = await chosenModel(flags, screen);
    const punctuation = await namedPunctuation({ puncModel }, screen);
    signal.throwIfAborted();
    const name = source === bundledModel() ? "demo" : undefined;
    await using server = serveAt(socket, source, { ...options, punctuation, name });
    screen.result(`fun-asr serves ${server.model} at ${server.url}`);
    await Promise.race([server.ready, stopped]);
    signal.throwIfAborted();
    isReady = true;
    screen.note("ready");
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
