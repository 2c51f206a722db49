/** Opens the microphone: by the program that is asked for, or by the first one that works. */
import { failed, Recording } from "./recording.ts";
import { recorders, whereIs } from "./recorders.ts";

export interface MicrophoneChoice {
  /** A name of `recorders`; all of them are tried without it. */
  readonly program?: string | undefined;
  /** A line for the shell, instead. */
  readonly command?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Microphone {
  /** What records. */
  readonly name: string;
  readonly recording: Recording;
}

/** A program that gives no sound for so many milliseconds does not work; a microphone that is silent gives samples. */
const PATIENCE = 3_000;

/** Throws `no_microphone`, with what is wrong with each program, and the signal's reason. */
export async function openMicrophone({ program, command, signal }: MicrophoneChoice): Promise<Microphone> {
  if (command !== undefined) return { name: command, recording: new Recording(command) };
  const reasons: string[] = [];
  for (const { name, argv } of recorders) {
    if (program !== undefined && program !== name) continue;
    const path = whereIs(name);
    if (path === undefined) {
      reasons.push(`${name} is not installed`);
      continue;
    }
    const recording = new Recording([path, ...argv]);
    let reason: string | undefined = "";
    try {
      reason = await recording.begins(PATIENCE, signal);
      if (reason === undefined) return { name, recording };
      reasons.push(`${name}: ${reason}`);
    } finally {
      if (reason !== undefined) recording.stop();
    }
  }
  throw failed("microphone", reasons.join("; "));
}
