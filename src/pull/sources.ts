/** Which server a file is taken from: the places of a file are asked at once, and the first in order that answers is taken. */
import { FileError, UsageError } from "../errors.ts";
import { resolveHuggingFace, listHuggingFace } from "../hub/huggingface.ts";
import { listModelScope, resolveModelScope } from "../hub/modelscope.ts";
import type { ListedFile, RemoteFile } from "../hub/remote-file.ts";
import { pause } from "../platform/patience.ts";
import { wrongBytes } from "../hub/verify.ts";
import { resolveAddress } from "../hub/web.ts";
import type { Hub, HubSettings } from "../platform/hubs.ts";
import type { Place } from "../registry/index.ts";
import type { PullSource, WantedFile } from "./types.ts";

/** How long the first place may take before a later one that has answered is taken. */
const headStartMs = 1500;

export interface Source {
  readonly place: Place;
  readonly remote: RemoteFile;
}

/** The settings and the hubs for `--from`. */
export function sourcesFor(
  settings: HubSettings,
  from: PullSource | undefined,
): { readonly settings: HubSettings; readonly hubs: readonly Hub[] } {
  if (from === undefined) return { settings, hubs: ["huggingface", "modelscope"] };
  if (from === "hf") return { settings, hubs: ["huggingface"] };
  if (from === "modelscope" || from === "ms") return { settings, hubs: ["modelscope"] };
  if (!/^https?:\/\//iu.test(from))
    throw new UsageError("bad_option", "from", JSON.stringify(from), {
      wanted: "hf, modelscope, or the address of a mirror of Hugging Face",
    });
  const endpoint = from.replace(/\/+$/u, "");
  // a token belongs to the host that it was made for
  return { settings: { ...settings, huggingface: { endpoint } }, hubs: ["huggingface"] };
}

/** The places of a file on the chosen hubs. Throws `bad_option` where there is none. */
export function placesOn(file: WantedFile, hubs: readonly Hub[]): readonly Place[] {
  const places = file.places.filter((place) => "url" in place || hubs.includes(place.hub));
  if (places.length > 0) return places;
  const known = file.places.map((place) => ("url" in place ? place.url : place.hub));
  throw new UsageError("bad_option", "from", `${file.name} is not on ${hubs.join(" or ")}`, {
    wanted: [...new Set(known)].join(" or "),
  });
}

/** `hf:owner/name@commit/path`, or the address. */
export function placeText(place: Place): string {
  if ("url" in place) return place.url;
  const { hub, repository, revision, path } = place;
  return `${hub === "huggingface" ? "hf" : "ms"}:${repository}${revision === undefined ? "" : `@${revision}`}/${path}`;
}

/** The refusal to ask a server. */
export const offline = (what: string): FileError =>
  new FileError("offline", what, "not on this machine, and HF_HUB_OFFLINE is set", {
    remedy: "Unset HF_HUB_OFFLINE and TRANSFORMERS_OFFLINE to download it",
  });

async function resolvePlace(
  place: Place,
  settings: HubSettings,
  signal: AbortSignal | undefined,
): Promise<Source> {
  if ("url" in place) return { place, remote: await resolveAddress(place.url, settings, signal) };
  const resolve = place.hub === "huggingface" ? resolveHuggingFace : resolveModelScope;
  return { place, remote: await resolve(place, settings, signal) };
}

/**
 * Asks all places for the file. What does not have the known size and hash is as good as no answer: a mirror or a branch that
 * has changed is not accepted. Throws the error of the first place if none is left.
 */
export async function resolveSource(
  file: WantedFile,
  places: readonly Place[],
  settings: HubSettings,
  signal: AbortSignal | undefined,
): Promise<Source> {
  const ended = new AbortController();
  const inner = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal]);
  const asked = places.map(async (place) => {
    const source = await resolvePlace(place, settings, inner);
    const { size, sha256 } = source.remote;
    const fits =
      (file.size === undefined || file.size === size) &&
      (file.sha256 === undefined || sha256 === undefined || file.sha256 === sha256);
    if (!fits) throw wrongBytes(placeText(place));
    return source;
  });
  try {
    const first = asked[0]!.catch(() => undefined);
    const headStart = (): Promise<undefined> => pause(headStartMs, signal).then(() => undefined);
    const early = await (places.length > 1 ? Promise.race([first, headStart()]) : first);
    if (early !== undefined) return early;
    return await Promise.any(asked);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof AggregateError) throw error.errors[0];
    throw error;
  } finally {
    ended.abort();
    void Promise.allSettled(asked);
  }
}

/** The files of a repository, from the first of the hubs that has it. */
export async function listRepository(
  repository: string,
  revision: string | undefined,
  hubs: readonly Hub[],
  settings: HubSettings,
  signal: AbortSignal | undefined,
): Promise<{ readonly hub: Hub; readonly commit: string; readonly files: readonly ListedFile[] }> {
  if (settings.offline) throw offline(repository);
  const failures: unknown[] = [];
  for (const hub of hubs) {
    const list = hub === "huggingface" ? listHuggingFace : listModelScope;
    try {
      return { hub, ...(await list({ repository, revision }, settings, signal)) };
    } catch (error) {
      signal?.throwIfAborted();
      failures.push(error);
    }
  }
  throw failures[0];
}
