/** Hugging Face and its mirrors: what a file is, and which files a repository has. */
import type { HubPlace, HubSettings } from "../platform/hubs.ts";
import { drop } from "../platform/exchange.ts";
import { ask } from "./ask.ts";
import { refusal } from "./failures.ts";
import { askJson } from "./json.ts";
import { startPatience } from "../platform/patience.ts";
import { inAddress, isSha1, isSha256, sizeOf } from "./remote-file.ts";
import type { ListedFile, RemoteFile } from "./remote-file.ts";
import { withRetries } from "./retry.ts";

/**
 * Asks for the head of a file. It has the commit of the revision, and for a file of Git LFS the SHA-256 and the size, which the
 * server of the bytes, to which the answer redirects, does not state.
 */
export function resolveHuggingFace(
  { repository, revision = "main", path }: Omit<HubPlace, "hub">,
  settings: HubSettings,
  signal?: AbortSignal,
): Promise<RemoteFile> {
  const access = settings.huggingface;
  const address = (of: string): string =>
    `${access.endpoint}/${repository}/resolve/${encodeURIComponent(of)}/${inAddress(path)}`;
  return withRetries(
    async () => {
      using patience = startPatience(settings.patience, signal);
      const request = { method: "HEAD", access, stayOnHost: true } as const;
      const { response, url } = await ask(address(revision), request, settings, patience, signal);
      await drop(response);
      const { headers } = response;
      const commit = headers.get("x-repo-commit") ?? undefined;
      const etag = bare(headers.get("x-linked-etag") ?? headers.get("etag"));
      const size = sizeOf(headers.get("x-linked-size") ?? headers.get("content-length"));
      if (size === undefined || (commit === undefined && !isSha256(etag)))
        throw refusal("download_failed", url, "this is not the answer of a hub", {
          wanted: "the commit and the size of a file",
          remedy: "Check the address in HF_ENDPOINT, and whether the network wants a sign-in first",
        });
      return {
        url: address(isSha1(commit) ? commit : revision),
        access,
        size,
        etag,
        commit: isSha1(commit) ? commit : undefined,
        sha256: isSha256(etag) ? etag : undefined,
        gitSha1: isSha1(etag) ? etag : undefined,
      };
    },
    settings,
    signal,
  );
}

/** `W/"…"` without its marks. */
const bare = (etag: string | null): string | undefined =>
  etag === null ? undefined : etag.replace(/^W\//u, "").replaceAll('"', "");

/** The files of a repository, and the commit of the revision. */
export async function listHuggingFace(
  { repository, revision = "main" }: Pick<HubPlace, "repository" | "revision">,
  settings: HubSettings,
  signal?: AbortSignal,
): Promise<{ readonly commit: string; readonly files: readonly ListedFile[] }> {
  const access = settings.huggingface;
  const url = `${access.endpoint}/api/models/${repository}/revision/${encodeURIComponent(revision)}?blobs=true`;
  const answer = (await askJson(url, { access, signal }, settings)) as Partial<HuggingFaceListing> | null;
  if (!Array.isArray(answer?.siblings))
    throw refusal("download_failed", url, "an answer without a list of files");
  const files = answer.siblings.map(({ rfilename, size, blobId, lfs }) => ({
    path: String(rfilename),
    size: sizeOf(lfs?.size ?? size),
    sha256: isSha256(lfs?.sha256) ? lfs.sha256 : undefined,
    gitSha1: lfs === undefined && isSha1(blobId) ? blobId : undefined,
  }));
  return { commit: isSha1(answer.sha) ? answer.sha : revision, files };
}

interface HuggingFaceListing {
  readonly sha: unknown;
  readonly siblings: readonly {
    readonly rfilename: unknown;
    readonly size?: unknown;
    readonly blobId?: unknown;
    readonly lfs?: { readonly sha256?: unknown; readonly size?: unknown };
  }[];
}
