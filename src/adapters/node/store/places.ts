/** Folders of models and caches, by the environment variables of their owners. */
import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** The value of an environment variable; an empty one counts as absent. */
export function env(...names: readonly string[]): string | undefined {
  return names.map((name) => process.env[name]).find((value) => value !== undefined && value !== "");
}

/** `~` as the hubs' own clients expand it. */
const expanded = (path: string): string => resolve(path.replace(/^~(?=\/|\\|$)/u, homedir()));

const userCache = (): string => env("XDG_CACHE_HOME") ?? join(homedir(), ".cache");

/** The folder of our own store. */
export const storeHome = (): string => expanded(env("FUN_ASR_HOME") ?? join(userCache(), "fun-asr"));

/** The folder of Hugging Face's settings, with the token. */
export const huggingFaceHome = (): string => expanded(env("HF_HOME") ?? join(userCache(), "huggingface"));

/** Hugging Face's cache of repositories. */
export const huggingFaceCache = (): string =>
  expanded(env("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE") ?? join(huggingFaceHome(), "hub"));

/** The folder of ModelScope's cache. */
export const modelScopeCache = (): string =>
  expanded(env("MODELSCOPE_CACHE") ?? join(homedir(), ".cache", "modelscope"));
