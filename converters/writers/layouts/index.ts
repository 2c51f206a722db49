/** The layouts in which files can be written: ours, or one that others read, by the model's architecture. */
import { architectures } from "../../../src/architectures/index.ts";
import { UsageError } from "../../../src/errors.ts";
import type { OpenModel } from "../../readers/open-model.ts";
import { crispAsrNano, crispAsrParaformer, crispAsrSenseVoice } from "./crispasr.ts";
import type { Layout } from "./layout.ts";
import { officialFsmnVad } from "./official-fsmn-vad.ts";
import { officialNano } from "./official-nano.ts";
import { officialParaformer } from "./official-paraformer.ts";
import { officialSenseVoice } from "./official-sensevoice.ts";
import { own } from "./own.ts";

type ByArchitecture = Readonly<Record<string, Layout>>;

const layouts = {
  "fun-asr": Object.fromEntries(architectures.map(({ name }) => [name, own])),
  official: {
    "fun-asr-nano": officialNano,
    paraformer: officialParaformer,
    sensevoice: officialSenseVoice,
    "fsmn-vad": officialFsmnVad,
  },
  crispasr: { "fun-asr-nano": crispAsrNano, paraformer: crispAsrParaformer, sensevoice: crispAsrSenseVoice },
} satisfies Readonly<Record<string, ByArchitecture>>;

export type LayoutName = keyof typeof layouts;
export const layoutNames = Object.keys(layouts) as readonly LayoutName[];

export function layoutOf(model: OpenModel, name: LayoutName): Layout {
  const architecture = String(model.metadata.get("general.architecture"));
  const byArchitecture: ByArchitecture = layouts[name];
  const layout = byArchitecture[architecture];
  if (layout !== undefined) {
    if (name !== "fun-asr") checkFrontend(model, architecture, name);
    return layout;
  }
  throw new UsageError("bad_option", "layout", `${name} for ${architecture}`, {
    wanted: `one of ${Object.keys(byArchitecture).join(", ")}`,
  });
}

/** The programs of the other layouts compute one front end, which their files do not state. */
function checkFrontend({ metadata, source }: OpenModel, architecture: string, layout: LayoutName): void {
  for (const [key, usual] of [
    ["window", "hamming"],
    ["snip_edges", true],
  ] as const) {
    const value = metadata.get(`${architecture}.frontend.${key}`) ?? usual;
    if (value === usual) continue;
    throw new UsageError(
      "bad_option",
      "layout",
      `${layout} for ${source}, whose ${key} is ${String(value)}`,
      {
        wanted: "fun-asr, the one layout that states it",
      },
    );
  }
}
