/** The error for a name that no stage has. */
import { UsageError } from "../errors.ts";
import { suggestion } from "../options/nearest.ts";
import type { StageInfo } from "../nn/hook-point.ts";

export function unknownStage(
  name: string,
  stages: readonly StageInfo[],
  wanted = "one of the model's stages",
): UsageError {
  const near = suggestion(
    name,
    stages.map((stage) => stage.name),
  );
  return new UsageError("bad_option", "stage", name, { wanted, remedy: "`stages` lists them", ...near });
}
