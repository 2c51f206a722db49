/** A report of one run: the stages that it draws go to an archive on the disk for the time it takes, and the page is made of that. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createArchive, openArchive } from "../diff/archives/index.ts";
import type { StageReader } from "../diff/archives/index.ts";
import type { RunOptions, TranscribeInput, Transcriber, Transcription } from "../transcriber.ts";
import { version } from "../version.ts";
import type { Difference, ReportData } from "./data.ts";
import { pictured } from "./pictured.ts";
import { writeReport } from "./report.ts";

export interface ReportOptions {
  /** What the audio is called on the page. */
  readonly audioName: string;
  /** The stages to draw; all that a report has a picture for, unless given. */
  readonly stages?: readonly string[] | undefined;
  readonly run?: Omit<RunOptions, "capture" | "sink" | "steps" | "timestamps"> | undefined;
  /** What the model was compared with, and the result: diff()'s report. */
  readonly reference?: StageReader | undefined;
  readonly difference?: Difference | undefined;
}

/** Runs the model on the audio and writes the page. Throws what the run and the file system throw. */
export async function reportRun(
  path: string,
  model: Transcriber,
  audio: TranscribeInput,
  { audioName, stages, run = {}, reference, difference }: ReportOptions,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "fun-asr-report-"));
  try {
    const archive = join(folder, "stages.npz");
    const names = model.stages().map(({ name }) => name);
    const capture = stages ?? pictured(names, difference);
    const heard = await captureTo(archive, model, audio, { ...run, capture });
    await using ours = await openArchive(archive);
    const data: ReportData = {
      title: `${audioName}, heard by ${model.info.source}`,
      facts: factsOf(model, audioName, heard, reference),
      ours,
      reference,
      difference,
      heard,
      labelText: (id) => model.labelText(id),
    };
    await writeReport(path, data);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Zip archives need no second copy, so that is what the stages are streamed to. */
async function captureTo(
  path: string,
  model: Transcriber,
  audio: TranscribeInput,
  run: RunOptions,
): Promise<Transcription | undefined> {
  await using archive = await createArchive(path);
  const { transcription } = await model.run(audio, {
    ...run,
    timestamps: model.info.times ? "word" : "none",
    sink: ({ name, shape, values }) => archive.add(name, shape, values),
  });
  await archive.finish();
  return transcription;
}

function factsOf(
  { info }: Transcriber,
  audio: string,
  heard: Transcription | undefined,
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
