/** `fun-asr/server`: recognition over HTTP, as OpenAI's clients and those of whisper.cpp ask for it. */
import "../node.ts";

export { serve } from "./serve.ts";
export type { RunningServer } from "./serve-at.ts";
export type { ServeOptions } from "./options.ts";
