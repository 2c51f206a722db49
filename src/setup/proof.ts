/** Whether TensorFlow runs: asked in a process of its own, since a library that cannot be loaded may end the process. */
import { fileURLToPath } from "node:url";
import { output } from "./shell.ts";

/** What TensorFlow says of itself after a matrix product. */
export interface Proof {
  readonly tensorflow: string;
  readonly gpu: boolean;
  readonly loadMilliseconds: number;
}

/** Throws `setup_failed` with TensorFlow's own words. */
export async function prove(home: string, signal?: AbortSignal): Promise<Proof> {
  // The program lies beside this file, as TypeScript in a checkout's tests and as JavaScript everywhere else.
  const program = fileURLToPath(new URL(`prove-main${import.meta.url.slice(-3)}`, import.meta.url));
  const env = { ...process.env, FUN_ASR_TENSORFLOW: home };
  const text = await output(process.execPath, [program], { env, signal });
  return JSON.parse(text.trim().split("\n").at(-1)!) as Proof;
}
