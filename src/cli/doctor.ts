/** `fun-asr doctor`: what this machine can run, and how well. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { openCheckpoint } from "../checkpoints/gguf/open.ts";
import { checkGpu } from "../doctor/gpu.ts";
import { surveyBackends } from "../doctor/survey.ts";
import { exitCodes } from "./exit.ts";
import { bundledModel } from "./model-options.ts";
import { UsageError } from "../errors.ts";
import { wholeNumber } from "./parse.ts";
import type { CommandContext } from "./program.ts";
import { table } from "./table.ts";

interface Flags {
  readonly gpu: boolean;
  readonly model?: string;
  readonly tokens: number;
}

export function registerDoctor(program: Command, { screen, finish }: CommandContext): void {
  program
    .command("doctor")
    .description("say what this machine can compute with, which backend suits it and why")
    .option(
      "--gpu",
      "check the backend tensorflow: device, parity of every stage with cpu, speed, memory",
      false,
    )
    .option("-m, --model <file>", "with --gpu, the Fun-ASR-Nano that is timed (default: the demo model)")
    .option("--tokens <count>", "with --gpu, tokens to write for a figure", wholeNumber(2, 900), 100)
    .action(async ({ gpu, model, tokens }: Flags) => {
      if (gpu) {
        const demo = bundledModel();
        if (demo === undefined)
          throw new UsageError("bad_option", "--gpu", "no demo model", { wanted: "it" });
        await checkGpu({
          parityModel: () => openCheckpoint(demo),
          clip: bundledClip(),
          timedModel: () => openCheckpoint(model ?? demo),
          tokens,
          line: (line) => screen.result(`${line[0].padEnd(38)}  ${line[1]}`),
        });
      } else {
        const { rows, advice } = await surveyBackends();
        screen.result(table(rows));
        screen.result(`\n${advice}`);
      }
      finish(exitCodes.fine);
    });
}

/** A clip that says something, or a second of sound where the package came without it. */
function bundledClip(): string | Float32Array {
  const found = ["../..", "../../.."]
    .map((up) => fileURLToPath(new URL(`${up}/fixtures/audio/demo/zh-weather.wav`, import.meta.url)))
    .find((path) => existsSync(path));
  return (
    found ?? Float32Array.from({ length: 16_000 }, (_, i) => 0.1 * Math.sin(i * 0.2 * Math.sin(i / 900)))
  );
}
