/** `fun-asr compare`: two models tensor by tensor, whatever their dialects and formats. Exit code 5 if they differ. */
import type { Command } from "commander";
import { compareModels } from "../../converters/compare.ts";
import type { ModelDifference, TensorDifference } from "../../converters/compare.ts";
import { openModel } from "../../converters/readers/open.ts";
import { bar } from "./console.ts";
import { exitCodes } from "./exit.ts";
import { brief } from "./inspect.ts";
import { nonNegative } from "./parse.ts";
import type { CommandContext } from "./program.ts";
import { table } from "./table.ts";

interface Flags {
  readonly tolerance: number;
  readonly all: boolean;
  readonly json: boolean;
}

export function registerCompare(program: Command, { screen, finish }: CommandContext): void {
  program
    .command("compare")
    .description("compare two models tensor by tensor, across containers, dialects and formats")
    .argument("<a>", "a model file or folder")
    .argument("<b>", "the model to compare it with")
    .option("--tolerance <x>", "relative L2 distance that still counts as equal", nonNegative, 0)
    .option("--all", "list tensors that are equal, too", false)
    .option("--json", "print everything as JSON", false)
    .action(async (left: string, right: string, { tolerance, all, json }: Flags) => {
      await using a = await openModel([left]);
      await using b = await openModel([right]);
      const difference = await compareModels(a, b, {
        onProgress: ({ tensor, done, total }) =>
          screen.progress(`${bar(done, total)} ${done}/${total} ${tensor}`),
      });
      screen.progress("");
      screen.result(json ? asJson(difference) : asText(difference, tolerance, all));
      const equal = difference.tensors.every(({ relativeL2 }) => relativeL2 <= tolerance);
      finish(equal ? exitCodes.fine : exitCodes.difference);
    });
}

function asText({ tensors, keys }: ModelDifference, tolerance: number, all: boolean): string {
  const apart = tensors.filter(({ relativeL2 }) => relativeL2 > tolerance);
  const shown = all ? tensors : apart;
  const sections = [
    ...(shown.length > 0 ? [table([["tensor", "a", "b", "relative L2", "max abs"], ...shown.map(row)])] : []),
    ...(keys.length > 0
      ? [table([["key", "a", "b"], ...keys.map(({ key, values: [a, b] }) => [key, brief(a), brief(b)])])]
      : []),
    `${tensors.length - apart.length} of ${tensors.length} tensors are equal, ${keys.length} keys differ`,
  ];
  return sections.join("\n\n");
}

function row({ name, formats, shapes, relativeL2, maxAbs }: TensorDifference): string[] {
  const [a, b] = formats.map((format, i) =>
    format === undefined ? "missing" : `${format} [${shapes[i]?.join(", ")}]`,
  );
  return [name, a ?? "", b ?? "", relativeL2.toExponential(2), maxAbs.toExponential(2)];
}

/** JSON has no infinity: null stands for what cannot be compared. */
function asJson(difference: ModelDifference): string {
  return JSON.stringify(difference, undefined, 1);
}
