/** Checks that TensorFlow runs, in a separate process: a library that cannot be loaded may end the process. */
import { fileURLToPath } from "node:url";
import { output } from "./shell.ts";

/** TensorFlow's version and device, after a matrix product. */
export interface Proof {
  readonly tensorflow: string;
  readonly gpu: boolean;
  readonly loadMilliseconds: number;
}

/** Throws `setup_failed` with TensorFlow's own message. */
export async function prove(home: string, signal?: AbortSignal): Promise<Proof> {
  // The program is beside this file: TypeScript in tests, JavaScript after the build.
  const program = fileURLToPath(new URL(`prove-main${import.meta.url.slice(-3)}`, import.meta.url));
  const env = { ...process.env, FUN_ASR_TENSORFLOW: home };
  const text = await output(process.execPath, [program], { env, signal });
  return JSON.parse(text.trim().split("\n").at(-1)!) as Proof;
}
