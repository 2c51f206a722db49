/** What is known of a published model: where its files are, what they must be, and what the model can do. */

/** The public hubs that models are published on. */
export type Hub = "huggingface" | "modelscope";

/** What a file is to its model. */
export type FileRole =
  | "model" // everything in one file
  | "encoder" // the audio half of a model in parts
  | "llm" // the language model of a model in parts
  | "weights" // the original's state dict
  | "config"
  | "tokenizer"
  | "cmvn";

/** One place on a hub at which a file lies. */
export interface HubFile {
  readonly hub: Hub;
  /** `owner/name`. */
  readonly repository: string;
  /** A commit, 40 hexadecimal digits. Absent where none is known: then the file's hash decides what is accepted. */
  readonly revision?: string;
  /** Of the file in its repository, with "/" between its parts. */
  readonly path: string;
}

/** One file of a model. All its sources and mirrors hold the same bytes. */
export interface RegistryFile {
  readonly role: FileRole;
  /** In the order in which they are tried where nothing else is asked for. */
  readonly sources: readonly HubFile[];
  /** Further https addresses of the same bytes. */
  readonly mirrors?: readonly string[];
  /** Bytes. Absent where it is not known. */
  readonly size?: number;
  /** 64 hexadecimal digits. Absent where it is not known. */
  readonly sha256?: string;
}

/**
 * One storage format in which the model can be had: published (`files`), or made of the entry's original (`build`).
 * Exactly one of the two is there.
 */
export interface RegistryFormat {
  /** As in `name:q8_0`. */
  readonly name: string;
  /** The files that `load` takes together. */
  readonly files?: readonly RegistryFile[];
  /** The file is made by converting the entry's `original`. */
  readonly build?: BuildRecipe;
  /** Bytes of memory that a transcription of one window needs, about. */
  readonly memory?: number;
}

/** How a GGUF file of ours is made of the original. */
export interface BuildRecipe {
  /** The `type` of `convert`: how the weights are stored. */
  readonly type: string;
  /** Bytes of the result. Absent where it is not known. */
  readonly size?: number;
}

/** The original as its authors published it: a folder with weights, configuration and companions. */
export interface Original {
  readonly files: readonly RegistryFile[];
}

/** A statement of the licence; where publishers disagree, there are several. */
export interface Licence {
  readonly name: string;
  readonly url: string;
}

export interface Capabilities {
  /** Codes of ISO 639, the best one first; empty for a model that writes no text. */
  readonly languages: readonly string[];
  /** Has a CTC branch: drafts, times and forced alignment. */
  readonly ctc: boolean;
  readonly punctuation: boolean;
  readonly times: boolean;
  readonly hotwords: boolean;
}

export interface RegistryEntry {
  /** Lower case letters, digits, "-" and "+". */
  readonly name: string;
  /** FunASR's own names and the hubs' `owner/name`; compared without regard to case. */
  readonly aliases: readonly string[];
  readonly title: string;
  readonly description: string;
  /** `general.architecture` of our GGUF files. */
  readonly architecture: string;
  /** Why this version cannot load it; absent for a model that it can. */
  readonly unsupported?: string;
  readonly licences: readonly Licence[];
  readonly capabilities: Capabilities;
  /** What `build` converts; needed by formats that are built. */
  readonly original?: Original;
  readonly formats: readonly RegistryFormat[];
  /** The name of one of the formats. */
  readonly defaultFormat: string;
}

/** What a person or a program named as a model. */
export type ModelReference =
  | { readonly kind: "registry"; readonly entry: RegistryEntry; readonly format: RegistryFormat }
  | HubReference
  | { readonly kind: "url"; readonly url: string }
  | { readonly kind: "path"; readonly path: string };

/** A repository of a hub, or one file or folder in it. */
export interface HubReference {
  readonly kind: "hub";
  /** Absent for `owner/name` alone: either hub. */
  readonly hub?: Hub;
  /** `owner/name`. */
  readonly repository: string;
  /** A branch, a tag or a commit; absent for the hub's default branch. */
  readonly revision?: string;
  readonly path?: string;
}
