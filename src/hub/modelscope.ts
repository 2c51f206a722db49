/** ModelScope: what a file is, and which files a repository has. */
import type { HubPlace, HubSettings } from "../platform/hubs.ts";
import { refusal } from "./failures.ts";
import { askJson } from "./json.ts";
import { isSha1, isSha256, sizeOf } from "./remote-file.ts";
import type { ListedFile, RemoteFile } from "./remote-file.ts";

/** Its listing has sizes and hashes of all files; a single file has no answer of its own that states them. */
export async function resolveModelScope(
  { repository, revision, path }: Omit<HubPlace, "hub">,
  settings: HubSettings,
  signal?: AbortSignal,
): Promise<RemoteFile> {
  const { commit, files } = await listModelScope({ repository, revision }, settings, signal);
  const access = settings.modelscope;
  const url = `${access.endpoint}/api/v1/models/${repository}/repo?Revision=${encodeURIComponent(commit)}&FilePath=${encodeURIComponent(path)}`;
  const file = files.find((one) => one.path === path);
  if (file === undefined) {
    throw refusal("file_not_found", url, "the repository has no such file", {
      remedy: "Check the name on the hub's page",
    });
  }
  const { size, sha256 } = file;
  if (size === undefined) throw refusal("download_failed", url, "the server does not state the file's size");
  return {
    url,
    access,
    cookie: true,
    size,
    sha256,
    etag: sha256,
    commit: isSha1(commit) ? commit : undefined,
  };
}

/** The files of a repository. The revision is a commit only where it was given as one: the listing does not state it. */
export async function listModelScope(
  { repository, revision = "master" }: Pick<HubPlace, "repository" | "revision">,
  settings: HubSettings,
  signal?: AbortSignal,
): Promise<{ readonly commit: string; readonly files: readonly ListedFile[] }> {
  const access = settings.modelscope;
  const url = `${access.endpoint}/api/v1/models/${repository}/repo/files?Revision=${encodeURIComponent(revision)}&Recursive=True`;
  const request = { access, cookie: true, signal };
  const answer = (await askJson(url, request, settings)) as Partial<ModelScopeListing> | null;
  const list = answer?.Data?.Files;
  if (answer?.Code !== 200 || !Array.isArray(list)) {
    throw refusal("file_not_found", url, `the hub answers ${String(answer?.Message ?? answer?.Code)}`, {
      remedy: "Check the name on the hub's page",
    });
  }
  const files = list
    .filter(({ Type }) => Type === "blob")
    .map(({ Path, Size, Sha256 }) => ({
      path: String(Path),
      size: sizeOf(Size),
      sha256: isSha256(Sha256) ? Sha256 : undefined,
    }));
  return { commit: revision, files };
}

interface ModelScopeListing {
  readonly Code: unknown;
  readonly Message?: unknown;
  readonly Data?: {
    readonly Files?: readonly {
      readonly Path: unknown;
      readonly Type: unknown;
      readonly Size?: unknown;
      readonly Sha256?: unknown;
    }[];
  };
}
