/** The public hubs of models, and how they are reached from this machine. */

export type Hub = "huggingface" | "modelscope";

/** A file of a repository of a hub. */
export interface HubPlace {
  readonly hub: Hub;
  /** `owner/name`. */
  readonly repository: string;
  /** A commit, a branch or a tag; absent for the hub's default branch. */
  readonly revision?: string | undefined;
  /** With "/" between its parts. */
  readonly path: string;
}

export interface HubAccess {
  /** Its address without a slash at the end. */
  readonly endpoint: string;
  /** Sent to this address only. */
  readonly token?: string | undefined;
}

export interface HubSettings {
  readonly huggingface: HubAccess;
  readonly modelscope: HubAccess;
  /** Nothing is to be asked of the network. */
  readonly offline: boolean;
  /** `fetch`, through the proxy if there is one. */
  readonly request: typeof fetch;
  /** A server that sends nothing for so many milliseconds counts as gone; one that is slow does not. */
  readonly patience: number;
  /** Milliseconds before the second try; each further pause is twice as long. */
  readonly pause: number;
}

/** A digest of bytes that come in pieces. */
export interface Hash {
  update(bytes: Uint8Array): void;
  /** Hexadecimal digits, once. */
  hex(): string;
}
