/** `fun-asr doctor`: the compute backends of this machine, and how fast they are. */
import { openModel } from "../containers/open-model.ts";
import { checkGpu } from "../doctor/gpu.ts";
import { surveyBackends } from "../doctor/survey.ts";
import { UsageError } from "../errors.ts";
import { defineCommand } from "./command.ts";
import { bundled, bundledModel } from "./chosen-model.ts";
import { bad, good, table } from "./content.ts";
import type { Cell } from "./content.ts";

export const doctor = defineCommand({
  flags: {
    gpu: {
      group: "GPU check",
      value: { kind: "boolean" },
      help: "check the backend tensorflow: device, agreement of all activations with cpu, speed, memory",
    },
    model: {
      group: "GPU check",
      short: "-m",
      placeholder: "file",
      value: { kind: "text" },
      default: "the bundled demo model",
      help: "Fun-ASR-Nano model to measure the speed of, with --gpu",
    },
    tokens: {
      group: "GPU check",
      placeholder: "count",
      value: { kind: "number", least: 2, most: 900, whole: true },
      initial: 100,
      help: "number of tokens to generate per measurement, with --gpu",
    },
  },
  async run({ screen, start }, { gpu, model, tokens }) {
    const { signal } = start({ progress: false });
    if (!gpu) {
      const { rows, advice } = await surveyBackends(signal);
      screen.result([table(rows.map(toned)), advice]);
      return;
    }
    const demo = bundledModel();
    if (demo === undefined) {
      throw new UsageError("bad_option", "--gpu", "the demo model is not installed", {
        remedy: "Use a package that includes models/demo",
      });
    }
    await using timedModel = await openModel(model ?? demo, { signal });
    await using parityModel = await openModel(demo, { signal });
    await checkGpu({
      parityModel,
      clip: bundled("fixtures/audio/demo/zh-weather.wav") ?? testSignal(),
      timedModel,
      tokens,
      line: (line) => screen.result(`${line[0].padEnd(38)}  ${line[1]}`),
      signal,
    });
  },
});

/** A row of the survey; a backend without figures cannot start here. */
function toned([name = "", state = "", ...speeds]: readonly string[]): Cell[] {
  const isHead = name === "backend";
  return [name, isHead ? state : speeds.some((speed) => speed !== "") ? good(state) : bad(state), ...speeds];
}

/** A second of sound, for a package without the demo recordings. */
function testSignal(): Float32Array {
  return Float32Array.from({ length: 16_000 }, (_, i) => 0.1 * Math.sin(i * 0.2 * Math.sin(i / 900)));
}
