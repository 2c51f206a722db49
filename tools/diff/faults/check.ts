/** Plants each fault in a tiny model, compares it with a sound reference, and states what the comparison named. */
import { openCheckpoint } from "../../../src/architectures/open.ts";
import { openArchive } from "../../../src/diff/archives/index.ts";
import type { StageReader } from "../../../src/diff/archives/index.ts";
import type { StageValues } from "../../../src/diff/compare.ts";
import { diff } from "../../../src/diff/diff.ts";
import type { RunOptions } from "../../../src/lab.ts";
import { load } from "../../../src/node.ts";
import { archiveFaults, languageModelFaults } from "./adaptor-and-language-model.ts";
import { ctcFaults, paraformerFaults } from "./ctc-and-paraformer.ts";
import { encoderFaults, frontendFaults } from "./frontend-and-encoder.ts";
import { faultyArchive, faultyCheckpoint, faultyModel } from "./plant.ts";
import type { Fault } from "./plant.ts";

export const faults: readonly Fault[] = [
  ...frontendFaults,
  ...encoderFaults,
  ...languageModelFaults,
  ...ctcFaults,
  ...paraformerFaults,
  ...archiveFaults,
];

export interface Finding {
  /** The first stage that the comparison names: of the teacher-forced pass, or of the raw one where that names none. */
  readonly stage: string | undefined;
  /** All that the teacher-forced pass names. */
  readonly stages: readonly string[];
  readonly guess: string | undefined;
}

/** PyTorch's dump of SenseVoice was made for spoken forms. */
const models = {
  nano: { file: "fun-asr-nano/fun-asr-nano-bf16", dump: "fun-asr-nano", itn: true },
  "nano-q8_0": { file: "fun-asr-nano/fun-asr-nano-q8_0", dump: undefined, itn: true },
  paraformer: { file: "paraformer/paraformer-bf16", dump: "paraformer", itn: true },
  sensevoice: { file: "sensevoice/sensevoice-bf16", dump: "sensevoice", itn: false },
} as const;
const clip = "fixtures/audio/tiny.wav";

const passOptions = { maxNewTokens: 1 } as const;

/** Paths are below `root`, the folder of the repository. */
export async function check(fault: Fault, root = "."): Promise<Finding> {
  const { file, dump, itn } = models[fault.model];
  const path = `${root}/fixtures/tiny/${file}.gguf`;
  const audio = `${root}/${clip}`;
  await using checkpoint = await openCheckpoint(path);
  const base = faultyCheckpoint(checkpoint, fault.both);
  using model = await load(faultyCheckpoint(base, fault.plant), { backend: "cpu" });
  await using theirs =
    dump === undefined ? undefined : await openArchive(`${root}/fixtures/reference/${dump}.safetensors`);
  const needed = [fault.stage, ...("needs" in fault.plant ? fault.plant.needs : [])];
  const isDumped = fault.both === undefined && needed.every((name) => theirs?.stages.has(name) === true);
  const pass = itn ? passOptions : { ...passOptions, itn };
  const reference = isDumped ? theirs! : await soundPass(base, audio, pass);
  const sound = await reference.read(fault.stage);
  const report = await diff(faultyModel(model, fault), faultyArchive(reference, fault, sound), audio, {
    ...pass,
    equalWeights: true,
  });
  const apart = [report.teacherForced!, report.raw].map(({ stages }) =>
    stages.filter(({ problem }) => problem !== undefined),
  );
  const [first] = [...apart[0]!, ...apart[1]!];
  const named = first?.name ?? report.unmatched[0];
  const guess = [...apart[0]!, ...apart[1]!].find(
    (stage) => stage.name === named && stage.guess !== undefined,
  )?.guess;
  return { stage: named, stages: apart[0]!.map(({ name }) => name), guess };
}

/** All stages of the sound model, in memory. */
async function soundPass(
  checkpoint: Parameters<typeof load>[0],
  audio: string,
  pass: RunOptions,
): Promise<StageReader> {
  using model = await load(checkpoint, { backend: "cpu" });
  const { stages } = await model.run(audio, { ...pass, capture: ["*"] });
  const read = async (name: string): Promise<StageValues> => stages.get(name)!;
  return {
    source: "sound",
    format: "safetensors",
    metadata: new Map(),
    stages: new Map([...stages].map(([name, { shape }]) => [name, shape])),
    read,
    [Symbol.asyncDispose]: async () => {},
  };
}
