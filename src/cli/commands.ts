/** The commands, in the order of `--help`. */
import { ablate } from "./ablate.ts";
import { align } from "./align.ts";
import { bench } from "./bench.ts";
import type { CommandDefinition } from "./command.ts";
import { compare } from "./compare.ts";
import { convert, quantize } from "./convert.ts";
import { ctc } from "./ctc.ts";
import { diff } from "./diff.ts";
import { doctor } from "./doctor.ts";
import { dump } from "./dump.ts";
import { hotwords } from "./hotwords.ts";
import { inspect } from "./inspect.ts";
import { models } from "./models.ts";
import { pull } from "./pull.ts";
import { lens } from "./lens.ts";
import { patch } from "./patch.ts";
import { report } from "./report.ts";
import { setupTensorflow } from "./setup.ts";
import { transcribe } from "./transcribe.ts";
import { verify } from "./verify.ts";

export const commands: readonly CommandDefinition[] = [
  transcribe,
  align,
  ctc,
  hotwords,
  pull,
  models,
  convert,
  quantize,
  inspect,
  verify,
  compare,
  dump,
  diff,
  patch,
  ablate,
  lens,
  report,
  doctor,
  setupTensorflow,
  bench,
];
