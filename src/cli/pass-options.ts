/** How a pass is made and where: the flags that transcribing and looking inside share. */
import { Option } from "commander";
import type { Command } from "commander";
import { backendChoices } from "../nn/placement.ts";

export interface FeatureFlags {
  readonly frontend: "kaldi" | "htk" | "sherpa";
  readonly cmvn: "file" | "off";
  readonly amMvn?: string;
}

export function featureOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--frontend <kind>", "how features are made")
        .choices(["kaldi", "htk", "sherpa"])
        .default("kaldi"),
    )
    .addOption(
      new Option("--cmvn <rule>", "whether features are normalized by the model's constants")
        .choices(["file", "off"])
        .default("file"),
    )
    .option("--am-mvn <file>", "those constants, for a Paraformer or SenseVoice file without them");
}

export function backendOption(): Option {
  const meaning = "what computes (default: wasm, or FUN_ASR_BACKEND)";
  return new Option("--backend <name>", meaning).choices(backendChoices);
}
