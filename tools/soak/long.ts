/**
 * `npm run soak:long`: hours of speech by the demo model. A WAV file of the bundled clips, repeated with silences of 1 to 2 s
 * between them, is written to a temporary folder and transcribed; memory is measured.
 * Every segment's text is compared with the clip's: cut in the same way
 * (`same`), and as a file (`sameAsFiles`). `textEqual`: the whole text equals the joined texts of the clips.
 */
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { existsSync } from "node:fs";
import { load } from "../../src/node.ts";
import type { Segment } from "../../src/node.ts";
import { commandLine } from "../flags.ts";
import { loadAudio } from "../../src/audio/container.ts";
import { joinTexts } from "../../src/longform/segment.ts";
import { liveTensors } from "../../src/nn/backend.ts";

const help = `npm run soak:long -- [--hours N] [--decoder llm|ctc] [--vad FILE]

Transcribes N hours (2) of the demo model's clips, and prints memory, speed and whether every text is the clip's.`;
const { values: flags } = commandLine(help, {
  hours: { type: "string", default: "2" },
  decoder: { type: "string", default: "llm" },
  vad: { type: "string" },
});
const rate = 16_000;
const wanted = Math.round(Number(flags.hours) * 3600 * rate);
const decoder = flags.decoder === "ctc" ? "ctc" : "llm";
const root = ["../..", "../../.."]
  .map((up) => resolve(import.meta.dirname, up))
  .find((folder) => existsSync(join(folder, "models/demo")))!;
const names = ["zh-weather", "zh-news", "zh-name", "en-shopping", "en-travel", "en-name"];
const clips: Int16Array[] = [];
for (const name of names) {
  const { samples } = await loadAudio(join(root, `fixtures/audio/demo/${name}.wav`));
  clips.push(Int16Array.from(samples, (value) => value * 32_768));
}

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const rss = (): number => Math.round(process.memoryUsage.rss() / 2 ** 20);
const folder = await mkdtemp(join(tmpdir(), "fun-asr-long-"));
try {
  const path = join(folder, "long.wav");
  const order = await write(path);
  using model = await load(join(root, "models/demo/fun-asr-demo-q8_0.gguf"), { vad: flags.vad });
  const expected: string[] = [];
  const files: string[] = [];
  for (const clip of clips) {
    files.push((await model.transcribe(clip, { decoder })).text.trim());
    const padded = new Int16Array(clip.length + 32 * rate);
    padded.set(clip, rate);
    expected.push((await model.transcribe(padded, { decoder })).text.trim());
  }
  const tensors = liveTensors();
  const began = performance.now();
  const memory: number[] = [];
  let most = 0;
  let next = 0;
  const onSegment = ({ end, id }: Segment): void => {
    most = Math.max(most, rss());
    if (end < next) return;
    memory.push(rss());
    next = end + wanted / rate / 8;
    print(`${Math.round(end)} s, ${id + 1} segments, ${memory.at(-1)} MiB`);
  };
  const { text, segments, joins, duration } = await model.transcribe(path, { decoder, onSegment });
  const seconds = (performance.now() - began) / 1000;
  const texts = segments.map((segment) => segment.text);
  const same = (wanted: readonly string[]): number =>
    order.filter((clip, i) => texts[i] === wanted[clip]).length;
  print(
    JSON.stringify({
      decoder,
      duration,
      seconds: Math.round(seconds),
      rtf: Number((seconds / duration!).toFixed(4)),
      clips: order.length,
      segments: segments.length,
      same: same(expected),
      sameAsFiles: same(files),
      textEqual: text === joinTexts(order.map((clip) => expected[clip]!)),
      joins: joins.length,
      characters: text.length,
      firstMiB: memory[1] ?? memory[0],
      middleMiB: memory[memory.length >> 1],
      lastMiB: memory.at(-1),
      maxMiB: most,
      tensorsLeft: liveTensors() - tensors,
    }),
  );
} finally {
  await rm(folder, { recursive: true });
}

/** Writes the file piece by piece, and gives the clips' order. */
async function write(path: string): Promise<number[]> {
  const file = await open(path, "w");
  const order: number[] = [];
  try {
    let samples = 0;
    await file.write(header(0));
    for (let i = 0; samples < wanted; i++) {
      const clip = clips[(i * 5 + Math.floor(i / 6)) % clips.length]!;
      const piece = new Int16Array(clip.length + Math.round(rate * (1 + ((i * 7) % 11) / 10)));
      piece.set(clip);
      await file.write(new Uint8Array(piece.buffer));
      order.push(clips.indexOf(clip));
      samples += piece.length;
    }
    await file.write(header(samples * 2), 0, 44, 0);
  } finally {
    await file.close();
  }
  return order;
}

function header(bytes: number): Uint8Array {
  const fields = new DataView(new ArrayBuffer(44));
  const words: [number, string][] = [
    [0, "RIFF"],
    [8, "WAVE"],
    [12, "fmt "],
    [36, "data"],
  ];
  for (const [at, word] of words) for (let i = 0; i < 4; i++) fields.setUint8(at + i, word.charCodeAt(i));
  fields.setUint32(4, 36 + bytes, true);
  fields.setUint32(16, 16, true);
  fields.setUint16(20, 1, true);
  fields.setUint16(22, 1, true);
  fields.setUint32(24, rate, true);
  fields.setUint32(28, rate * 2, true);
  fields.setUint16(32, 2, true);
  fields.setUint16(34, 16, true);
  fields.setUint32(40, bytes, true);
  return new Uint8Array(fields.buffer);
}
