/**
 * Every refusal has a name, a place and a reason: one error class with a stable code, and a subclass for each
 * kind of fault that a caller may want to distinguish. The command line maps the class to its exit code.
 */

/** Stable, documented, never reused. */
export type ErrorCode =
  // usage
  | "bad_option" // an option has a value outside its range or of the wrong type
  | "unknown_language" // the model has no prompt for this language
  // files
  | "file_not_found"
  | "file_unreadable"
  | "file_unwritable"
  | "disk_full" // less space is free than a download or a conversion needs
  // models by name
  | "unknown_model" // no model has this name
  | "not_installed" // the model is known, and its files are not on this machine
  | "offline" // the network would be needed, and its use is switched off
  | "access_denied" // the hub wants a token, or conditions to be accepted
  | "download_failed" // a server cannot be reached, refuses, or breaks off
  | "download_mismatch" // what a server sends is not the file: its size or hash differs
  // model files
  | "not_gguf" // the magic is missing
  | "gguf_version" // a version or byte order that we do not read
  | "gguf_truncated" // a length or offset points past the end of the file
  | "gguf_malformed" // a rule of the format is broken
  | "gguf_limit" // a count or size beyond what any real model needs
  | "unsupported_format" // a block format without a decoder
  | "unknown_architecture" // no model of ours, or an unknown naming
  | "bad_metadata" // a key is missing, out of range, or contradicts another
  | "bad_tensors" // tensors are missing, surplus or of the wrong shape
  | "bad_tokenizer" // vocabulary, merges or token table are inconsistent
  | "ctc_unavailable" // a feature needs the CTC branch and the file has none
  | "checkpoint_malformed" // model.pt, safetensors, ONNX or their companions
  | "archive_malformed" // a stage archive cannot be read
  | "archive_limit" // a stage that the archive's format cannot hold
  // audio
  | "not_audio"
  | "unsupported_encoding"
  | "audio_malformed"
  | "audio_truncated" // strict reading only
  | "audio_empty"
  | "audio_too_short"
  | "audio_too_long"
  | "audio_rate" // a sample rate outside 4 to 384 kHz
  // serving
  | "invalid_api_key"
  | "foreign_origin" // a web page that is not allowed to asks for something
  | "not_served" // the server has no such path or method
  | "upgrade_required" // the path is for WebSockets
  | "bad_message" // a message of a WebSocket is not what its protocol wants
  | "model_not_found" // the server has no model of this name
  | "model_loaded" // the model is loaded already
  | "bad_body" // the body of a request is not what its headers say, or ends early
  | "body_stalled" // a client stopped sending
  | "body_too_large"
  | "busy" // as many requests as are accepted wait already
  | "port_unusable" // a server cannot listen there
  | "server_missing" // the packages of the server are not installed
  | "unsupported_task" // none of the models does this
  // running
  | "kernel_arguments" // shapes or attributes that a kernel does not take
  | "unknown_kernel" // the backend has no such operation
  | "backend_unavailable"
  | "no_microphone" // no program records from a microphone
  | "setup_failed" // a piece that setting up a backend needs is missing, or did not work
  | "out_of_memory"
  | "non_finite" // NaN or infinity where a number was due
  | "token_number" // a predictor counts more tokens than there are frames
  | "disposed" // the model was freed
  | "doubtful" // a result with warnings, where none are accepted
  | "difference" // two things differ by more than the tolerance
  | "internal"; // a fault of this package: please report

export interface ErrorDetails {
  /** What would have been right. */
  readonly wanted?: string;
  /** What the user can do about it. */
  readonly remedy?: string;
  readonly cause?: unknown;
}

/** What queries of addresses ask for; the values of all others may be secrets: signatures, tokens, keys. */
const openQueries = /^(?:revision|filepath|recursive|blobs)=/iu;

/** The text with passwords, and values of queries that may be secrets, left out of addresses. */
export function withoutSecrets(text: string): string {
  return text.replaceAll(
    /(\b(?:https?|wss?|ftp):\/\/)([^\s/?#]*@)?([^\s?#]*)(\?[^\s#]*)?(#\S*)?/giu,
    (_, scheme: string, user = "", place: string, query = "", fragment = "") => {
      const fields = String(query)
        .slice(1)
        .split("&")
        .map((field) => (openQueries.test(field) ? field : field.replace(/=.*$/u, "=…")));
      const shown = query === "" ? "" : `?${fields.join("&")}`;
      return `${scheme}${user === "" ? "" : "…@"}${place}${shown}${fragment === "" ? "" : "#…"}`;
    },
  );
}

/** `where: what was found; wanted …. Remedy.` */
export class FunAsrError extends Error {
  override readonly name: string = "FunAsrError";
  readonly code: ErrorCode;
  /** File, tensor, key, option or byte offset. */
  readonly where: string;
  readonly remedy: string | undefined;

  constructor(code: ErrorCode, where: string, found: string, details: ErrorDetails = {}) {
    const place = withoutSecrets(where);
    const wanted = details.wanted === undefined ? "" : `; wanted ${withoutSecrets(details.wanted)}`;
    const remedy = details.remedy === undefined ? "" : `. ${withoutSecrets(details.remedy)}`;
    super(
      `${place}: ${withoutSecrets(found)}${wanted}${remedy}`,
      details.cause === undefined ? {} : { cause: details.cause },
    );
    this.code = code;
    this.where = place;
    this.remedy = details.remedy;
  }
}

/** The caller asked for something that does not exist or cannot be. */
export class UsageError extends FunAsrError {
  override readonly name = "UsageError";
}

/** A model, checkpoint or archive file breaks its format or does not fit the architecture. */
export class ModelFormatError extends FunAsrError {
  override readonly name: string = "ModelFormatError";
}

/** One problem in a {@link TensorsError}. */
export interface TensorProblem {
  readonly name: string;
  readonly problem: string;
}

/** The checkpoint's tensors are not the model's: all missing, surplus and mis-shaped ones at once. */
export class TensorsError extends ModelFormatError {
  override readonly name = "TensorsError";
  readonly problems: readonly TensorProblem[];

  constructor(where: string, problems: readonly TensorProblem[]) {
    const shown = problems.slice(0, 20).map(({ name, problem }) => `\n  ${name}: ${problem}`);
    const rest = problems.length > shown.length ? `\n  … and ${problems.length - shown.length} more` : "";
    super("bad_tensors", where, `${problems.length} tensors do not fit the model${shown.join("")}${rest}`);
    this.problems = problems;
  }
}

/** The file has no CTC branch and the request needs one. */
export class CtcUnavailableError extends FunAsrError {
  override readonly name = "CtcUnavailableError";

  constructor(where: string, feature: string, { remedy }: Pick<ErrorDetails, "remedy"> = {}) {
    super("ctc_unavailable", where, `${feature} needs the CTC branch, which this file does not have`, {
      remedy:
        remedy ?? "Use a checkpoint with its ctc_decoder and ctc tensors (the ModelScope release has them)",
    });
  }
}

/** The named file cannot be opened or read: `file_not_found` or `file_unreadable`. */
export class FileError extends FunAsrError {
  override readonly name = "FileError";
}

/** The one error for a file that does not exist. `where` is its path or address, as it was given. */
export function fileNotFound(where: string, details: ErrorDetails = {}): FileError {
  return new FileError("file_not_found", where, "there is no such file", details);
}

/** The input is not audio that we can read, or not enough of it. */
export class AudioError extends FunAsrError {
  override readonly name = "AudioError";
}

/** Something that only shows while computing. */
export class RuntimeError extends FunAsrError {
  override readonly name = "RuntimeError";
}

/** The error where `cause` is an engine's refusal of more memory; undefined for all other causes. */
export function memoryFault(where: string, cause: unknown): RuntimeError | undefined {
  if (!(cause instanceof RangeError) || !/allocation failed|could not allocate/u.test(cause.message))
    return undefined;
  return new RuntimeError("out_of_memory", where, cause.message, {
    remedy: "Close other programs, or raise the memory limit of the process (ulimit -v)",
    cause,
  });
}

/** The one error for a computed value that is NaN or infinite. `where` is the stage that it was read from. */
export function nonFinite(where: string, found: string): RuntimeError {
  return new RuntimeError("non_finite", where, found, {
    wanted: "numbers",
    remedy:
      "The weights or the features are damaged, or the arithmetic of the backend overflowed: " +
      "`fun-asr verify` names the first tensor or stage that is wrong",
  });
}
