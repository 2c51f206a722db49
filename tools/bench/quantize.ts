/** Speed of the quantizers on one thread. */
import { fastQuantizer, quantizerModule } from "../../kernels/formats/fast.ts";
import { byteLength } from "../../kernels/formats/table.ts";
import type { Format } from "../../kernels/formats/table.ts";
import { nodeHost } from "../../kernels/runtime/wasm/hosts/node.ts";
import { normals } from "../../test/helpers/builders/random.ts";
import type { Figures } from "./sections.ts";

const count = 2 ** 19;
const rounds = 3;
const measured: readonly Format[] = ["F16", "Q8_0", "Q6_K", "Q5_K", "Q4_K"];

/** Megabytes of floats per second of processor time; the best of some rounds. */
export async function benchQuantize(): Promise<Figures> {
  const quantize = fastQuantizer(nodeHost.kernelBytes(quantizerModule));
  const values = normals(1, count, 0.02);
  const figures: { [name: string]: number } = {};
  for (const format of measured) {
    const bytes = new Uint8Array(byteLength(format, count));
    const times = Array.from({ length: rounds + 1 }, () => {
      const start = process.cpuUsage();
      quantize(format, values, bytes, 0, count);
      return process.cpuUsage(start).user;
    });
    figures[`${format} MB/s`] = (4 * count) / Math.min(...times.slice(1));
  }
  return figures;
}
