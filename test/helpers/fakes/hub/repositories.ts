/** What a hub stores: repositories with commits, each a set of files, stored as git blobs or in LFS. */
import { createHash } from "node:crypto";

/** Files by path. */
export type Files = Readonly<Record<string, Uint8Array | string>>;

export interface RepositoryOptions {
  readonly files: Files;
  /** The commit of these files, 40 hexadecimal digits; by default a digest of them. */
  readonly commit?: string;
  /** Only requests with this token see the repository. */
  readonly token?: string;
  /** The repository may be seen, but its files need consent, which no token has. */
  readonly gated?: boolean;
}

export interface StoredFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** The blob's id in git: of LFS files, that of their pointer. */
  readonly gitSha1: string;
  readonly sha256: string;
  readonly lfs: boolean;
}

export type Commit = ReadonlyMap<string, StoredFile>;

/** A repository's commits and what its branches and tags mean. */
export class Repository {
  readonly token: string | undefined;
  readonly gated: boolean;
  readonly #commits = new Map<string, Commit>();
  readonly #names = new Map<string, string>();

  constructor({ files, commit, token, gated = false }: RepositoryOptions) {
    this.token = token;
    this.gated = gated;
    this.push(files, commit);
  }

  /** A new commit at the head of the default branch, under any of the hubs' names of it. */
  push(files: Files, commit?: string): string {
    const stored = new Map(Object.entries(files).map(([path, content]) => [path, storedFile(path, content)]));
    const digest = createHash("sha1");
    for (const { path, sha256 } of stored.values()) digest.update(`${path}\0${sha256}\0`);
    const id = commit ?? digest.digest("hex");
    this.#commits.set(id, stored);
    for (const name of ["main", "master"]) this.#names.set(name, id);
    return id;
  }

  tag(name: string, commit: string): void {
    this.#names.set(name, commit);
  }

  find(revision: string): { readonly id: string; readonly files: Commit } | undefined {
    const id = this.#names.get(revision) ?? revision;
    const files = this.#commits.get(id);
    return files === undefined ? undefined : { id, files };
  }
}

/** What the hubs' default .gitattributes put into LFS. */
const inLfs = /\.(?:gguf|pt|bin|onnx|safetensors|model|wav|mp3)$/u;

function storedFile(path: string, content: Uint8Array | string): StoredFile {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const lfs = inLfs.test(path);
  return { path, bytes, sha256, lfs, gitSha1: gitSha1(lfs ? pointer(sha256, bytes.length) : bytes) };
}

function pointer(sha256: string, size: number): Uint8Array {
  const text = `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${size}\n`;
  return new TextEncoder().encode(text);
}

/** The id of a git blob: of a header with its length, and its bytes. */
export function gitSha1(bytes: Uint8Array): string {
  return createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}
