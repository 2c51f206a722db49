/** One record per architecture: all that the library must know to open, build and run its models. */
import type { UpstreamModel } from "../../converters/readers/families/family.ts";
import type { GgufNaming } from "../checkpoints/gguf/namings/naming.ts";
import type { Weights } from "../nn/weights.ts";
import { SECONDS_PER_FRAME } from "../decoding/ctc.ts";
import type { FrontendConfig } from "../frontend/frontend.ts";
import { checkFrontend } from "../frontend/read-config.ts";
import type { Recognizer, RecognizerContext } from "../recognizers/recognizer.ts";
import type { Settings, TensorShapes } from "../configs/settings.ts";

interface Definition<Name extends string, Config, Built extends object> {
  /** `general.architecture`, and the first part of all its keys. */
  readonly name: Name;
  /** Checks the keys of the architecture, against each other and against the tensors that are there. */
  readonly readConfig: (settings: Settings, tensors: TensorShapes) => Config;
  /** The width of the feature rows that the network takes; absent where it takes no audio. */
  readonly inputSize?: (config: Config) => number;
  /** The one front end that is computed for the architecture; absent where that of the file is. */
  readonly frontend?: FrontendConfig;
  /** Takes its weights. */
  readonly build: (w: Weights, config: Config) => Built;
  /** Absent where the model recognizes no text. */
  readonly recognizer?: (model: Built, context: RecognizerContext) => Recognizer;
  /** What to do instead of loading a model without a recognizer by itself. */
  readonly instead?: string;
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
  readonly instead?: string;
  readonly ggufNamings: readonly GgufNaming[];
  readonly upstream?: UpstreamModel;
}

export function defineArchitecture<Name extends string, Config, Built extends object>({
  name,
  readConfig,
  inputSize,
  frontend: only,
  build,
  ...rest
}: Definition<Name, Config, Built>): Architecture<Name, Built> {
  return {
    ...rest,
    name,
    build: (w, settings) => {
      const s = settings.at(name);
      const config = readConfig(s, w);
      if (inputSize !== undefined) {
        const rowMs =
          only === undefined ? Math.round(SECONDS_PER_FRAME * 1000) : only.lfrN * only.frameShiftMs;
        checkFrontend(s.at("frontend"), { width: inputSize(config), rowMs, only });
      }
      s.describes("source"); // where a converted file comes from
      s.refuseOthers();
      return { ...build(w, config), architecture: name };
    },
  };
}
