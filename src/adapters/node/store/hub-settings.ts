/** The hubs' addresses, tokens and the proxy, by the environment variables that their own clients read. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../../../errors.ts";
import type { HubSettings } from "../../../platform/hubs.ts";
import { env, huggingFaceHome } from "./places.ts";

const usualPatience = 60;
const pauseMs = 1000;

export async function hubSettings(): Promise<HubSettings> {
  return {
    huggingface: {
      endpoint: endpoint("HF_ENDPOINT", "https://huggingface.co"),
      token: env("HF_TOKEN") ?? (await tokenFile()),
    },
    modelscope: {
      endpoint: endpoint("MODELSCOPE_ENDPOINT", "https://www.modelscope.cn", "MODELSCOPE_DOMAIN"),
      token: env("MODELSCOPE_API_TOKEN", "MODELSCOPE_SDK_TOKEN"),
    },
    offline: isOn("HF_HUB_OFFLINE") || isOn("TRANSFORMERS_OFFLINE"),
    request: throughProxy,
    patience: 1000 * (seconds("HF_HUB_DOWNLOAD_TIMEOUT") ?? usualPatience),
    pause: pauseMs,
  };
}

function seconds(name: string): number | undefined {
  const given = Number(env(name) ?? Number.NaN);
  return given > 0 && given <= 86_400 ? given : undefined;
}

const isOn = (name: string): boolean => /^(1|on|yes|true)$/iu.test(env(name) ?? "");

/** An address without a slash at the end; a bare host is reached by https. */
function endpoint(name: string, usual: string, older = name): string {
  const given = env(name, older) ?? usual;
  const address = /^https?:\/\//iu.test(given) ? given : `https://${given}`;
  if (!URL.canParse(address))
    throw new UsageError("bad_option", name, JSON.stringify(given), {
      wanted: "an address such as https://HOST",
    });
  return address.replace(/\/+$/u, "");
}

/** The token of `hf auth login`. */
async function tokenFile(): Promise<string | undefined> {
  const path = env("HF_TOKEN_PATH") ?? join(huggingFaceHome(), "token");
  const text = await readFile(path, "utf8").catch(() => "");
  return text.trim() === "" ? undefined : text.trim();
}

/**
 * `fetch`, and through the proxy of HTTPS_PROXY, HTTP_PROXY and NO_PROXY where one is set: Node's own fetch reads these
 * variables only since Node 24, and only with a flag.
 */
const throughProxy: typeof fetch = async (input, options) => {
  if (env("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy") === undefined)
    return fetch(input, options);
  const { fetch: undiciFetch } = await import("undici");
  const dispatcher = await (agent ??= startAgent());
  const response = await undiciFetch(input as string, { ...(options as object), dispatcher } as never);
  return response as unknown as Response;
};

let agent: Promise<object> | undefined;

async function startAgent(): Promise<object> {
  const { EnvHttpProxyAgent } = await import("undici");
  return new EnvHttpProxyAgent();
}
