/** Programs that write the sound of the microphone to their standard output: 16-bit little-endian samples at 16 kHz, mono. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Hz. */
export const RECORDER_RATE = 16_000;

export interface Recorder {
  readonly name: string;
  readonly argv: readonly string[];
}

/** What ffmpeg reads the microphone with, by the operating system; DirectShow has no name for its default device. */
const ffmpegInputs: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ["-f", "pulse", "-i", "default"],
  darwin: ["-f", "avfoundation", "-i", ":default"],
  freebsd: ["-f", "oss", "-i", "/dev/dsp"],
};

const rate = String(RECORDER_RATE);

/** In the order in which they are tried: those of sound servers, which share the device with other programs, first. */
export const recorders: readonly Recorder[] = [
  { name: "pw-record", argv: ["--raw", "--rate", rate, "--channels", "1", "--format", "s16", "-"] },
  {
    name: "parec",
    argv: ["--raw", "--format=s16le", `--rate=${rate}`, "--channels=1", "--latency-msec=50"],
  },
  { name: "arecord", argv: ["-q", "-t", "raw", "-f", "S16_LE", "-r", rate, "-c", "1"] },
  {
    name: "sox",
    argv: [..."-q -d -t raw -e signed-integer -b 16 -L -c 1 -r".split(" "), rate, "-"],
  },
  {
    name: "ffmpeg",
    argv: [
      ..."-v error -nostdin".split(" "),
      ...(ffmpegInputs[process.platform] ?? ffmpegInputs.linux!),
      ..."-ac 1 -f s16le -flush_packets 1 -ar".split(" "),
      rate,
      "pipe:1",
    ],
  },
];

/** Where a program is, by the environment's path. */
export function whereIs(program: string): string | undefined {
  const endings = process.platform === "win32" ? [".exe", ".cmd", ""] : [""];
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const path = endings.map((ending) => join(folder, program + ending)).find(canRun);
    if (folder !== "" && path !== undefined) return path;
  }
  return undefined;
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
