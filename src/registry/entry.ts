/** What is known of a published model: where its files are, what they must be, and what the model can do. */

/** The public hubs that models are published on. */
export type Hub = "huggingface" | "modelscope";

/** One place on a hub at which a file lies. */
export interface HubPlace {
  readonly hub: Hub;
  /** `owner/name`. */
  readonly repository: string;
  /** A commit, 40 hexadecimal digits. Absent where none is known: then the file's hash decides what is accepted. */
  readonly revision?: string;
  /** Of the file in its repository, with "/" between its parts. */
  readonly path: string;
}

/** Where a file can be had: on a hub, or at an https address. */
export type Place = HubPlace | { readonly url: string };

/**
 * What a file is to its model. `load` takes the files of the roles model, encoder and llm together, and the file of the
 * role cmvn as `amMvn`; the other roles are the parts of an original, which lie in one folder.
 */
export type FileRole = (typeof fileRoles)[number];
export const fileRoles = [
  "model", // everything in one file
  "encoder", // the audio half of a model in two files
  "llm", // the language model of a model in two files
  "weights", // the original's state dict
  "config",
  "tokenizer",
  "cmvn",
  "sample", // a recording whose text is known
] as const;

/** One file of a model. */
export interface EntryFile {
  readonly role: FileRole;
  /** Its name beside the model's other files, with "/" between its parts. */
  readonly name: string;
  /** In the order in which they are tried. All hold the same bytes. */
  readonly places: readonly Place[];
  /** Bytes. Absent where it is not known. */
  readonly size?: number;
  /** 64 hexadecimal digits. Absent where it is not known. */
  readonly sha256?: string;
}

/** One storage format in which a model can be had. */
export interface Variant {
  /** As in `name:q8_0`. */
  readonly format: string;
  /** What is downloaded: the model's files, or with a recipe what the model is made of. */
  readonly files: readonly EntryFile[];
  /** The model is one GGUF file of ours that is converted from `files`. Absent where the files are the model. */
  readonly recipe?: Recipe;
  /** Bytes of memory that a transcription takes, about. */
  readonly memory: number;
}

export interface Recipe {
  /** `type` of `convert`: how the weights are stored. */
  readonly type: string;
}

/** A statement of the license; where publishers differ, there are several. */
export interface License {
  readonly name: string;
  readonly url: string;
}

export interface Abilities {
  /** Has a CTC branch: drafts and forced alignment. */
  readonly ctc: boolean;
  /** Writes punctuation. */
  readonly punctuation: boolean;
  /** Gives the times of characters and words. */
  readonly times: boolean;
  /** Takes hotwords. */
  readonly hotwords: boolean;
}

/** A recording that belongs to the model, and what the model's authors publish as its text. */
export interface Sample {
  readonly file: EntryFile;
  readonly language: string;
  readonly text: string;
}

export type Task = (typeof tasks)[number];
export const tasks = ["recognition", "vad", "punctuation", "speakers"] as const;

export interface RegistryEntry {
  /** Lower case letters, digits, "-" and "+". */
  readonly name: string;
  /** FunASR's names and the hubs' `owner/name`; compared without regard to case. */
  readonly aliases: readonly string[];
  readonly title: string;
  readonly description: string;
  readonly task: Task;
  /** `general.architecture` of our GGUF files. */
  readonly architecture: string;
  /** Why this version cannot use the model; absent for a model that it can use. */
  readonly unsupported?: string;
  readonly licenses: readonly License[];
  /** Codes as in the option `language`, the best one first; empty for a model that does not depend on it. */
  readonly languages: readonly string[];
  readonly abilities: Abilities;
  /** The `format` of one of the variants. */
  readonly defaultFormat: string;
  /** The best one first. */
  readonly variants: readonly Variant[];
  readonly samples: readonly Sample[];
}

/** What a person or a program named as a model. */
export type ModelReference =
  | { readonly kind: "entry"; readonly entry: RegistryEntry; readonly variant: Variant }
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
