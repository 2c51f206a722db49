/** A command as data: its arguments and flags, and what it does. */
import type { CommandRun } from "./context.ts";
import type { ExitCode } from "./exit.ts";
import type { FlagTable, FlagValues } from "./flags/flag.ts";

/** What the list of commands shows of one, and where the rest of it is. */
export interface CommandEntry {
  /** One word, or two for a subcommand. */
  readonly name: string;
  readonly summary: string;
  /** The heading in the list of commands. */
  readonly group: "Recognition" | "Models" | "Model files" | "Activations" | "This machine";
  load(): Promise<CommandDefinition>;
}

export interface CommandDefinition<Flags extends FlagTable = FlagTable> {
  /** In order; `[name]` is optional, `<name...>` takes several. */
  readonly arguments?: readonly { readonly name: string; readonly help: string }[];
  readonly flags: Flags;
  /** Flags of other programs, and what to do instead. */
  readonly elsewhere?: ReadonlyMap<string, string>;
  /** Returns the exit code, if it is not 0. Throws what becomes a message and an exit code. */
  run(run: CommandRun, flags: FlagValues<Flags>, args: readonly string[]): Promise<ExitCode | void>;
}

/** Infers the types of the flags' values from the table. */
export function defineCommand<const Flags extends FlagTable>(
  definition: CommandDefinition<Flags>,
): CommandDefinition {
  return definition;
}
