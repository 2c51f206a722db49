/** The official FSMN-VAD: every value in F32, the kernels of the memory tap by tap, the constants first. */
import { checkTensors } from "../../../src/architectures/build.ts";
import { transposed } from "../../../src/checkpoints/gguf/shapes.ts";
import { officialFsmnVad as naming } from "../../../src/checkpoints/gguf/namings/fsmn-vad.ts";
import { UsageError } from "../../../src/errors.ts";
import type { Layout } from "./layout.ts";
import { officialMetadata } from "./official.ts";

export const officialFsmnVad: Layout = {
  async files(model, to, { type = "F32" }) {
    if (type !== "F32")
      throw new UsageError("bad_option", "type", type, { wanted: "F32, the one type that this layout has" });
    // an export has the tensors in another order
    const order = new Map(checkTensors(model).map(({ path }, place) => [path, place]));
    const inOrder = [...model.tensors].toSorted(([a], [b]) => (order.get(a) ?? -1) - (order.get(b) ?? -1));
    const tensors = inOrder.map(([canonical, entry]) => {
      const [channels = 1, taps = 1] = entry.shape;
      const isKernel = canonical.endsWith(".conv_left.weight");
      return {
        canonical,
        entry: isKernel ? transposed(entry, channels, taps) : entry,
        format: "F32" as const,
      };
    });
    return [{ path: to, metadata: officialMetadata(model, naming), tensors }];
  },
  notes: () => [],
};
