/** A report of one run: the stages that it draws go to an archive on the disk for the time it takes, and the page is made of that. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createArchive, openArchive } from "../diff/archives/index.ts";
import type { StageReader } from "../diff/archives/index.ts";
import { checkPlace } from "../adapters/node/atomic-file.ts";
import type { RunOptions, TranscribeInput, Transcriber } from "../transcriber/transcriber.ts";
import { version } from "../version.ts";
import type { Difference, Heard, ReportData } from "./data.ts";
import { pictured } from "./pictured.ts";
import { writeReport } from "./report.ts";

export interface PageOptions {
  /** What the audio is called on the page. */
  readonly audioName: string;
  /** The stages to draw; all that a report has a picture for, unless given. */
  readonly stages?: readonly string[] | undefined;
  /** What the model was compared with, and the result: diff()'s report. */
  readonly reference?: StageReader | undefined;
  readonly difference?: Difference | undefined;
}

export interface ReportOptions extends PageOptions {
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

/** The page of any pass of the model that captures what it is told to. */
export async function reportPass(
  path: string,
  model: Transcriber,
  { audioName, stages, reference, difference }: PageOptions,
  pass: (capture: Capture) => Promise<Heard | undefined>,
): Promise<void> {
  await checkPlace(path);
  const folder = await mkdtemp(join(tmpdir(), "fun-asr-report-"));
  try {
    const archive = join(folder, "stages.npz");
    const names = model.stages().map(({ name }) => name);
    const heard = await captureTo(archive, stages ?? pictured(names, difference), pass);
    await using ours = await openArchive(archive);
    await writeReport(path, {
      title: `${audioName}, heard by ${model.info.source}`,
      facts: factsOf(model, audioName, heard, reference),
      ours,
      reference,
      difference,
      heard,
      labelText: (id) => model.labelText(id),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Zip archives need no second copy, so that is what the stages are streamed to. */
async function captureTo(
  path: string,
  capture: readonly string[],
  pass: (capture: Capture) => Promise<Heard | undefined>,
): Promise<Heard | undefined> {
  await using archive = await createArchive(path);
  const heard = await pass({
    capture,
    sink: ({ name, shape, values }) => archive.add(name, shape, values),
  });
  await archive.finish();
  return heard;
}

function factsOf(
  { info }: Transcriber,
  audio: string,
  heard: Heard | undefined,
  reference: StageReader | undefined,
): ReportData["facts"] {
  const { source, architecture, dialect, backend, weightFormat } = info;
  const seconds = heard?.duration;
  return [
    ["audio", seconds === undefined ? audio : `${audio}, ${seconds.toFixed(2)} s`],
    ["model", `${source} (${architecture}, ${dialect}, ${weightFormat})`],
    ["backend", backend],
    ...(heard?.ctcText === undefined ? [] : [["CTC draft", heard.ctcText] as const]),
    ...(reference === undefined ? [] : [["reference", reference.source] as const]),
    ["made by", `fun-asr ${version}`],
  ];
}
