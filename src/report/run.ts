/** A report of one run, which writes the stages to a temporary archive and draws the page from that. */
import { join } from "node:path";
import { createArchive, openArchive } from "../diff/archives/index.ts";
import type { StageReader } from "../diff/archives/index.ts";
import { findPlace } from "../adapters/node/output/place.ts";
import { workFolder } from "../adapters/node/output/temporary.ts";
import type { Transcriber } from "../transcriber/transcriber.ts";
import type { RunOptions, TranscribeInput } from "../transcriber/types.ts";
import { version } from "../version.ts";
import type { Difference, RecognizedText, ReportData } from "./data.ts";
import { pictured } from "./pictured.ts";
import { writeReport } from "./report.ts";
import { labelText } from "../transcriber/inspect.ts";

interface PageOptions {
  /** The name of the audio on the page. */
  readonly audioName: string;
  /** The stages to draw; by default all that a report has a picture for. */
  readonly stages?: readonly string[] | undefined;
  /** The reference, and the result of the comparison, such as diff()'s report. */
  readonly reference?: StageReader | undefined;
  readonly difference?: Difference | undefined;
}

interface ReportOptions extends PageOptions {
  readonly run?: Omit<RunOptions, "capture" | "sink" | "steps" | "timestamps"> | undefined;
}

/** Runs the model on the audio and writes the page. Throws what the run and the file system throw. */
export async function reportRun(
  path: string,
  model: Transcriber,
  audio: TranscribeInput,
  { run, ...page }: ReportOptions,
): Promise<void> {
  const timestamps = model.info.times ? "word" : "none";
  await reportPass(path, model, page, async (capture) => {
    const { transcription } = await model.run(audio, { ...run, ...capture, timestamps });
    return transcription;
  });
}

type Capture = Required<Pick<RunOptions, "capture" | "sink">>;

/** The page of any pass of the model that captures the named stages. */
export async function reportPass(
  path: string,
  model: Transcriber,
  { audioName, stages, reference, difference }: PageOptions,
  pass: (capture: Capture) => Promise<RecognizedText | undefined>,
): Promise<void> {
  await findPlace(path);
  await using folder = await workFolder();
  const archive = join(folder.path, "stages.npz");
  const names = model.stages().map(({ name }) => name);
  const recognized = await captureTo(archive, stages ?? pictured(names, difference), pass);
  await using ours = await openArchive(archive);
  await writeReport(path, {
    title: `${audioName}, recognized by ${model.info.source}`,
    facts: factsOf(model, audioName, recognized, reference),
    ours,
    reference,
    difference,
    recognized,
    labelText: (id) => labelText(model, id),
  });
}

/** A zip archive can be streamed without a second copy. */
async function captureTo(
  path: string,
  capture: readonly string[],
  pass: (capture: Capture) => Promise<RecognizedText | undefined>,
): Promise<RecognizedText | undefined> {
  await using archive = await createArchive(path);
  const recognized = await pass({
    capture,
    sink: ({ name, shape, values }) => archive.add(name, shape, values),
  });
  await archive.finish();
  return recognized;
}

function factsOf(
  { info }: Transcriber,
  audio: string,
  recognized: RecognizedText | undefined,
  reference: StageReader | undefined,
): ReportData["facts"] {
  const { source, architecture, naming, backend, weightFormat } = info;
  const seconds = recognized?.duration;
  return [
    ["audio", seconds === undefined ? audio : `${audio}, ${seconds.toFixed(2)} s`],
    ["model", `${source} (${architecture}, ${naming}, ${weightFormat})`],
    ["backend", backend],
    ...(recognized?.ctcText === undefined ? [] : [["CTC draft", recognized.ctcText] as const]),
    ...(reference === undefined ? [] : [["reference", reference.source] as const]),
    ["made by", `fun-asr ${version}`],
  ];
}
