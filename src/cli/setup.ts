/** `fun-asr setup tensorflow`: what the backend tensorflow needs beyond npm packages. */
import { tensorflowHome } from "../../kernels/runtime/tensorflow/hosts/node-home.ts";
import { setUpTensorflow } from "../setup/tensorflow.ts";
import { defineCommand } from "./command.ts";

export const setupTensorflow = defineCommand({
  flags: {
    cuda: {
      group: "Library",
      value: { kind: "boolean" },
      conflicts: "cpu",
      help: "TensorFlow for NVIDIA GPUs, about 6 GB; the default if nvidia-smi runs",
    },
    cpu: {
      group: "Library",
      value: { kind: "boolean" },
      help: "TensorFlow for CPUs, about 1 GB; the default otherwise",
    },
    libtensorflow: {
      group: "Library",
      placeholder: "path",
      value: { kind: "text" },
      help: "use this wheel of TensorFlow, or this folder with library and headers, and download nothing",
    },
  },
  async run({ screen, start }, { cpu, cuda, libtensorflow }) {
    const { tensorflow, gpu, loadMilliseconds } = await setUpTensorflow({
      variant: cuda ? "cuda" : cpu ? "cpu" : undefined,
      libtensorflow,
      note: (line) => screen.note(line),
      signal: start().signal,
    });
    const device = gpu ? "GPU" : "CPU";
    screen.result(
      `TensorFlow ${tensorflow} runs on the ${device} (loads in ${loadMilliseconds} ms): ${tensorflowHome()}`,
    );
  },
});
