/** What `pull` is given, and what it tells while it works. */
import type { Store } from "../platform/store.ts";
import type { License, Place } from "../registry/index.ts";

/** Where files are taken from: a hub, or an address that serves them as Hugging Face does. */
export type PullSource = "hf" | "modelscope" | (string & {});

export interface PullOptions {
  /** Where it is installed; the store of this machine by default. */
  readonly store?: Store | undefined;
  /** Which hub is asked: `hf`, `modelscope`, or the address of a mirror of Hugging Face. By default, the first that answers. */
  readonly from?: PullSource | undefined;
  /** `hf`: files of Hugging Face are written into the cache of its own client, which finds them there. */
  readonly cache?: "own" | "hf" | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: PullProgress) => void) | undefined;
  /** Called before anything is downloaded. */
  readonly onPlan?: ((plan: PullPlan) => void) | undefined;
}

export interface PullProgress {
  readonly stage: "wait" | "download" | "verify" | "convert";
  /** The file's name, or the tensor's for `convert`. */
  readonly item: string;
  /** Bytes, or tensors for `convert`; 0 of 0 while another process works. */
  readonly done: number;
  readonly total: number;
}

/** What a pull is going to do. */
export interface PullPlan {
  readonly name: string;
  readonly title: string;
  readonly licenses: readonly License[];
  readonly files: readonly PlannedFile[];
  /** Bytes to download; what is here already does not count. */
  readonly downloadBytes: number;
  /** How the files become one GGUF file of ours, where they are not the model as they are. */
  readonly convertTo?: string | undefined;
}

export interface PlannedFile {
  readonly name: string;
  readonly size: number;
  /** `hf:owner/name@commit/path`, or an address. */
  readonly from: string;
  /** Whether it is on this machine already, in the store or in a hub's cache. */
  readonly here: boolean;
}

/** A file that a model needs: what is known of it before any server is asked. */
export interface WantedFile {
  readonly name: string;
  readonly cmvn?: true | undefined;
  readonly places: readonly Place[];
  /** The branch or tag whose commit the places have. */
  readonly branch?: string | undefined;
  readonly size?: number | undefined;
  readonly sha256?: string | undefined;
  readonly gitSha1?: string | undefined;
}

/** A model as it is asked for. */
export interface WantedModel {
  readonly name: string;
  readonly title: string;
  readonly licenses: readonly License[];
  readonly files: readonly WantedFile[];
  /** Format of the weights of the GGUF file that is made of the files. */
  readonly convertTo?: string | undefined;
}
