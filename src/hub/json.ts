/** Answers of a hub's programming interface: JSON of bounded size. */
import type { HubAccess, HubSettings } from "../platform/hubs.ts";
import { ask } from "./ask.ts";
import { noAnswer, refusal } from "./failures.ts";
import { startPatience } from "../platform/patience.ts";
import { withRetries } from "./retry.ts";

/** A listing of the largest repositories has some megabytes. */
const maxBytes = 64 * 2 ** 20;

export interface JsonRequest {
  readonly access: HubAccess;
  readonly cookie?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export function askJson(url: string, request: JsonRequest, settings: HubSettings): Promise<unknown> {
  const { signal } = request;
  return withRetries(
    async () => {
      using patience = startPatience(settings.patience, signal);
      const { response } = await ask(url, request, settings, patience, signal);
      const decoder = new TextDecoder();
      let text = "";
      try {
        for await (const chunk of response.body ?? []) {
          patience.touch();
          text += decoder.decode(chunk, { stream: true });
          if (text.length > maxBytes) throw refusal("download_failed", url, "an answer without an end");
        }
        text += decoder.decode();
      } catch (cause) {
        signal?.throwIfAborted();
        if (cause instanceof Error && cause.name === "FileError") throw cause;
        throw noAnswer(url, cause);
      }
      try {
        return JSON.parse(text) as unknown;
      } catch (cause) {
        throw refusal("download_failed", url, "the answer is no JSON", {
          remedy: "Check the address: HF_ENDPOINT or MODELSCOPE_ENDPOINT",
          cause,
        });
      }
    },
    settings,
    signal,
  );
}
