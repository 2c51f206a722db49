/** `fun-asr compare`: two models tensor by tensor, in any container, naming and format. Exit code 5 if they differ. */
import { compareModels } from "../../converters/compare.ts";
import type { ModelDifference, TensorDifference } from "../../converters/compare.ts";
import { openModel } from "../containers/open-paths.ts";
import { defineCommand } from "./command.ts";
import { bar } from "./console.ts";
import { exitCodes } from "./exit.ts";
import { jsonFlag } from "./flags/shared.ts";
import { brief } from "./inspect.ts";
import { bad, good, table } from "./content.ts";
import type { Section } from "./content.ts";

export const compare = defineCommand({
  arguments: [
    { name: "<a>", help: "a model file or folder" },
    { name: "<b>", help: "the model to compare it with" },
  ],
  flags: {
    tolerance: {
      group: "Comparison",
      placeholder: "distance",
      value: { kind: "number", least: 0 },
      initial: 0,
      help: "largest relative L2 distance of tensors that count as equal",
    },
    all: { group: "Output", value: { kind: "boolean" }, help: "also list the equal tensors" },
    ...jsonFlag,
  },
  async run({ screen, start }, { tolerance, all, json }, [left, right]) {
    const { signal } = start();
    await using a = await openModel([left!], { signal });
    await using b = await openModel([right!], { signal });
    const difference = await compareModels(a, b, {
      signal,
      onProgress: ({ tensor, done, total }) =>
        screen.progress(`${bar(done, total)} ${done}/${total} ${tensor}`),
    });
    screen.result(json ? asJson(difference) : asText(difference, tolerance, all));
    const equal = difference.tensors.every(({ relativeL2 }) => relativeL2 <= tolerance);
    return equal ? exitCodes.fine : exitCodes.difference;
  },
});

function asText({ tensors, keys }: ModelDifference, tolerance: number, all: boolean): Section[] {
  const apart = tensors.filter(({ relativeL2 }) => relativeL2 > tolerance);
  const shown = all ? tensors : apart;
  const verdict = `${tensors.length - apart.length} of ${tensors.length} tensors are equal, ${keys.length} keys differ`;
  return [
    ...(shown.length > 0 ? [table([["tensor", "a", "b", "relative L2", "max abs"], ...shown.map(row)])] : []),
    ...(keys.length > 0
      ? [table([["key", "a", "b"], ...keys.map(({ key, values: [a, b] }) => [key, brief(a), brief(b)])])]
      : []),
    apart.length === 0 ? good(verdict) : bad(verdict),
  ];
}

function row({ name, formats, shapes, relativeL2, maxAbs }: TensorDifference): string[] {
  const [a, b] = formats.map((format, i) =>
    format === undefined ? "missing" : `${format} [${shapes[i]?.join(", ")}]`,
  );
  return [name, a ?? "", b ?? "", relativeL2.toExponential(2), maxAbs.toExponential(2)];
}

/** JSON has no infinity: a distance that cannot be computed is null. */
function asJson(difference: ModelDifference): string {
  return JSON.stringify(difference, undefined, 1);
}
