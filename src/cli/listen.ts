/** `fun-asr listen`: live recognition from the microphone or from standard input. */
import { openMicrophone } from "../adapters/node/microphone/open.ts";
import { RECORDER_RATE, recorders, whereIs } from "../adapters/node/microphone/recorders.ts";
import { pcm16 } from "../audio/raw.ts";
import { UsageError } from "../errors.ts";
import type { LiveEnd, LiveEvent } from "../live/events.ts";
import type { ListenOptions } from "../live/options.ts";
import { defineCommand } from "./command.ts";
import type { Terminal } from "./console.ts";
import { table } from "./content.ts";
import type { Table } from "./content.ts";
import type { CommandContext } from "./context.ts";
import { listenFlags, liveFlags } from "./flags/listen.ts";
import type { FlagValues } from "./flags/flag.ts";
import { inputsOf } from "./guard.ts";
import { LiveDisplay } from "./listen-display.ts";
import { LiveOutputs } from "./listen-outputs.ts";
import { untilStopped } from "./listen-source.ts";
import type { Source } from "./listen-source.ts";
import { loadModel } from "./load-model.ts";
import { checkOutputs, toStandardOutput } from "./outputs.ts";
import { recognitionOptions } from "./recognition-options.ts";

type Flags = FlagValues<typeof listenFlags>;

export const listen = defineCommand({
  arguments: [{ name: "[input]", help: "- for raw samples on standard input, instead of the microphone" }],
  flags: listenFlags,
  async run(run, flags, args) {
    const { screen } = run;
    if (flags.mic === "list") return screen.result(recorderTable());
    const fromStdin = isStdin(args, flags);
    let source: Source | undefined;
    // Ctrl-C ends the sound, and what was said before it is still recognized
    const onSignal = (name: string): boolean => name === "SIGINT" && (source?.stop() ?? false);
    const { signal } = run.start({ progress: false, onSignal });
    const name = fromStdin ? "stdin" : "microphone";
    const base = (await checkOutputs([name], flags, inputsOf(flags), signal)).get(name)!;
    if (flags.jsonLines && toStandardOutput(flags)) {
      throw new UsageError("bad_option", "--json-lines", "standard output, which gets the output file", {
        wanted: "--json-lines, or --output-file -",
      });
    }
    const options: ListenOptions = await recognitionOptions(liveFlags, flags);
    const { backend, threads, vad } = flags;
    using model = await loadModel(flags, { backend, threads, vad, signal }, screen);
    source = await openSource(run, flags, fromStdin, signal);
    try {
      const display = new LiveDisplay(screen, flags);
      const outputs = new LiveOutputs({ file: name, base }, model.info, flags);
      const input = { samples: pcm16(source.bytes), sampleRate: flags.pcm ?? RECORDER_RATE };
      await report(model.listen(input, { ...options, signal }), { screen, display, outputs });
    } finally {
      source.stop(); // also where an output cannot be written
    }
  },
});

interface Reporters {
  readonly screen: Terminal;
  readonly display: LiveDisplay;
  readonly outputs: LiveOutputs;
}

async function report(
  events: AsyncGenerator<LiveEvent, LiveEnd>,
  { screen, display, outputs }: Reporters,
): Promise<void> {
  try {
    for (;;) {
      const next = await events.next();
      if (next.done === true) {
        for (const { message } of next.value.warnings) screen.note(message);
        return await outputs.end(next.value);
      }
      display.show(next.value);
      if (next.value.event === "final") await outputs.add(next.value);
    }
  } finally {
    await events.return(undefined as never);
  }
}

/** Throws `bad_option`. */
function isStdin(args: readonly string[], { mic, micCommand }: Flags): boolean {
  const [input, more] = args;
  if (input === undefined) return false;
  if (input !== "-" || more !== undefined) {
    throw new UsageError("bad_option", "listen", more ?? input, {
      wanted: "- for standard input, or no argument for the microphone",
      remedy: "fun-asr transcribe reads files",
    });
  }
  if (mic === undefined && micCommand === undefined) return true;
  throw new UsageError("bad_option", mic === undefined ? "--mic-command" : "--mic", "standard input", {
    wanted: "one of both",
  });
}

async function openSource(
  { screen, stdin }: CommandContext,
  { mic, micCommand: command, pcm, print }: Flags,
  fromStdin: boolean,
  signal: AbortSignal,
): Promise<Source> {
  if (fromStdin) return untilStopped(stdin);
  if (pcm !== undefined && command === undefined) {
    throw new UsageError("bad_option", "--pcm", "the microphone", {
      wanted: "standard input (-) or --mic-command",
    });
  }
  const program = mic === "auto" ? undefined : mic;
  const { name, recording } = await openMicrophone({ program, command, signal });
  signal.addEventListener("abort", () => void recording.stop());
  if (print && screen.showsResults === true) screen.note(`Listening through ${name}; Ctrl-C ends.`);
  return recording;
}

/** Each program, and where it is. */
function recorderTable(): Table {
  return table(
    recorders.map(({ name, argv }) => {
      const path = whereIs(name);
      return path === undefined ? [name, "not installed"] : [name, [path, ...argv].join(" ")];
    }),
  );
}
