/** Our own layout: one file with everything, under the names of the checkpoint. */
import { checkTensors } from "../../../src/architectures/build.ts";
import { chooseFormats } from "../formats.ts";
import { describe, typed } from "../metadata.ts";
import type { Layout } from "./layout.ts";

export const own: Layout = {
  async files(model, to, options) {
    const formats = chooseFormats(model.tensors, checkTensors(model), options.type, options.rules);
    const tensors = [...model.tensors].map(([canonical, entry]) => {
      return { canonical, entry, format: formats.get(canonical) ?? entry.format };
    });
    return [{ path: to, metadata: typed(await describe(model, formats, options)), tensors }];
  },
  notes: () => [],
};
