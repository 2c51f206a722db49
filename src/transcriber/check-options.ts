/**
 * The checks of the methods' options: a caller without types who misspells an option or gives a value that it does not
 * have gets an error, not another result.
 */
import { checkOptions } from "../options/check.ts";
import { align, ctc, listen, load, run, transcribe } from "../options/methods.ts";
import type { OptionTable, ValueOf } from "../options/rules.ts";
import type { HookOptions } from "../activations/run-with-hooks.ts";
import type { ListenOptions } from "../live/options.ts";
import type { TranscribeOptions } from "../longform/options.ts";
import type { AlignOptions, CtcOptions, LoadOptions } from "./types.ts";

/** A table with each option of an interface, and values that the interface allows. */
type TableOf<Options> = {
  readonly [Name in keyof Required<Options>]: {
    readonly value: { readonly kind: string };
  };
};

/** The table's names and choices that the interface does not have: `never`, if both agree. */
type Strangers<Options, Table extends OptionTable> = {
  [Name in keyof Table]: Name extends keyof Options
    ? [Exclude<Options[Name], undefined>] extends [ValueOf<Table[Name]["value"]>]
      ? [ValueOf<Table[Name]["value"]>] extends [Options[Name]]
        ? never
        : unknown extends ValueOf<Table[Name]["value"]>
          ? never
          : Name
      : Name
    : Name;
}[keyof Table];

/** Compiles only where the tables and the interfaces of the options have the same names and choices. */
function agreed<Options>() {
  return <Table extends OptionTable & TableOf<Options>>(
    table: Strangers<Options, Table> extends never ? Table : Strangers<Options, Table>,
  ): OptionTable => table as Table;
}

const transcription = {
  ...agreed<TranscribeOptions>()(transcribe),
  ...agreed<Omit<HookOptions, "hook">>()(run),
};
const partials = { value: { kind: "boolean" }, help: "" } as const;
const tables = {
  transcribe: transcription,
  run: transcription,
  transcribeStream: { ...transcription, partials },
  listen: agreed<ListenOptions>()(listen),
  align: agreed<AlignOptions>()(align),
  ctc: agreed<CtcOptions>()(ctc),
  load: agreed<LoadOptions>()(load),
};

/** Throws `bad_option` for an unknown option, with the nearest name, and for a value that an option does not have. */
export function checkMethodOptions(method: keyof typeof tables, options: object): void {
  checkOptions(options, tables[method]);
}
