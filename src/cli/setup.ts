/** `fun-asr setup tensorflow`: what a backend needs beyond npm. */
import { Option } from "commander";
import type { Command } from "commander";
import { tensorflowHome } from "../../kernels/runtime/tensorflow/hosts/node-home.ts";
import { setUpTensorflow } from "../setup/tensorflow.ts";
import { exitCodes } from "./exit.ts";
import { interruptible } from "./interrupt.ts";
import type { CommandContext } from "./program.ts";

interface Flags {
  readonly cpu?: boolean;
  readonly cuda?: boolean;
  readonly libtensorflow?: string;
}

export function registerSetup(program: Command, { screen, finish }: CommandContext): void {
  const setup = program.command("setup").description("set up what a backend needs beyond npm");
  setup
    .command("tensorflow")
    .description(
      "fetch TensorFlow's library (from its Python wheel) and compile tfjs-node-gpu's addon for it",
    )
    .addOption(
      new Option(
        "--cuda",
        "TensorFlow for NVIDIA GPUs, some 6 GB (default where nvidia-smi answers)",
      ).conflicts("cpu"),
    )
    .option("--cpu", "TensorFlow for processors, some 1 GB (the default elsewhere)")
    .option(
      "--libtensorflow <place>",
      "instead: a wheel of TensorFlow, or a folder with its library and headers",
    )
    .action(async ({ cpu, cuda, libtensorflow }: Flags) => {
      const { tensorflow, gpu, loadMilliseconds } = await interruptible((signal) =>
        setUpTensorflow({
          variant: cuda === true ? "cuda" : cpu === true ? "cpu" : undefined,
          libtensorflow,
          note: (line) => screen.note(line),
          signal,
        }),
      );
      const device = gpu ? "on the GPU" : "on the CPU";
      screen.result(
        `TensorFlow ${tensorflow} computes ${device} (loads in ${loadMilliseconds} ms), in ${tensorflowHome()}`,
      );
      finish(exitCodes.fine);
    });
}
