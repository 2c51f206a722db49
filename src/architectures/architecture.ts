/** One record per architecture: all that the library must know to open, build and run its models. */
import type { UpstreamModel } from "../../converters/readers/families/family.ts";
import type { GgufNaming } from "../checkpoints/gguf/namings/naming.ts";
import type { Weights } from "../nn/weights.ts";
import type { Recognizer, RecognizerContext } from "../recognizers/recognizer.ts";
import type { Settings } from "../configs/settings.ts";

interface Definition<Name extends string, Config, Built extends object> {
  /** `general.architecture`, and the first part of all its keys. */
  readonly name: Name;
  /** Checks the keys of the architecture. */
  readonly readConfig: (settings: Settings) => Config;
  /** Takes its weights. */
  readonly build: (w: Weights, config: Config) => Built;
  /** Absent where the model recognizes no text. */
  readonly recognizer?: (model: Built, context: RecognizerContext) => Recognizer;
  /** How GGUF files of the architecture name keys and tensors. */
  readonly ggufNamings: readonly GgufNaming[];
  /** How its model folders are read, where they are. */
  readonly upstream?: UpstreamModel;
}

export interface Architecture<Name extends string = string, Built extends object = object> {
  readonly name: Name;
  /** Reads the settings, then takes the weights. The model carries the name as discriminant. */
  readonly build: (w: Weights, settings: Settings) => Built & { readonly architecture: Name };
  // a method, so that records of all models fit one list
  recognizer?(model: Built, context: RecognizerContext): Recognizer;
  readonly ggufNamings: readonly GgufNaming[];
  readonly upstream?: UpstreamModel;
}

export function defineArchitecture<Name extends string, Config, Built extends object>({
  name,
  readConfig,
  build,
  ...rest
}: Definition<Name, Config, Built>): Architecture<Name, Built> {
  return {
    ...rest,
    name,
    build: (w, settings) => ({ ...build(w, readConfig(settings.at(name))), architecture: name }),
  };
}
