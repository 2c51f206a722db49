/** The messages between a worker and the calling thread: plain data that a structured clone carries. */
import type { ErrorCode } from "../errors.ts";
import * as errors from "../errors.ts";
import { FunAsrError, RuntimeError } from "../errors.ts";
import type { LiveEvent } from "../live/events.ts";
import type { PartialResult, Segment } from "../longform/result.ts";
import type { Progress } from "../recognizers/options.ts";
import type { ModelInfo } from "../transcriber/types.ts";

/** The calls of a transcriber that cross. */
export type Method = "transcribe" | "listen" | "align" | "ctc" | "run";

/** To the worker. `flags`: the callbacks that the caller gave. */
export type Request =
  | {
      readonly kind: "load";
      readonly model: unknown;
      readonly options: object;
      readonly flags: CallbackFlags;
    }
  | {
      readonly kind: "call";
      readonly id: number;
      readonly method: Method;
      readonly args: readonly unknown[];
      readonly flags: CallbackFlags;
    }
  | { readonly kind: "abort"; readonly id: number }
  | { readonly kind: "piece"; readonly id: number; readonly piece: unknown; readonly done: boolean };

/** From the worker; `id` 0 is the loading. */
export type Reply =
  | { readonly kind: "loaded"; readonly id: 0; readonly info: ModelInfo }
  | { readonly kind: "result"; readonly id: number; readonly value: unknown }
  | { readonly kind: "error"; readonly id: number; readonly error: PlainError }
  | { readonly kind: "progress"; readonly id: number; readonly progress: Progress }
  | { readonly kind: "token"; readonly id: number; readonly text: string; readonly attempt: number }
  | { readonly kind: "draft"; readonly id: number; readonly text: string }
  | { readonly kind: "segment"; readonly id: number; readonly segment: Segment }
  | { readonly kind: "partial"; readonly id: number; readonly partial: PartialResult }
  | { readonly kind: "event"; readonly id: number; readonly event: LiveEvent }
  /** Requests the next piece of the call's audio stream, or (`done`) ends the stream. */
  | { readonly kind: "pull"; readonly id: number; readonly done: boolean };

export interface CallbackFlags {
  readonly progress: boolean;
  readonly token: boolean;
  readonly draft: boolean;
  readonly partial: boolean;
}

/** Stands for an audio stream, which stays with the caller. */
export interface RemoteStream {
  readonly remoteStream: true;
  /** Set for samples, absent for the bytes of a file. */
  readonly sampleRate?: number;
}

/** A URL as its text: a structured clone carries no classes but those of JavaScript itself. */
interface PackedUrl {
  readonly packedUrl: string;
}

/** Plain data with its URLs packed, at any depth. */
export function pack(value: unknown): unknown {
  if (value instanceof URL) return { packedUrl: value.href } satisfies PackedUrl;
  return mapped(value, pack);
}

/** Restores what {@link pack} has packed. */
export function unpack(value: unknown): unknown {
  if (isRecord(value) && typeof value["packedUrl"] === "string") return new URL(value["packedUrl"]);
  return mapped(value, unpack);
}

/** Numbers come in typed arrays: arrays and objects are small. */
function mapped(value: unknown, change: (part: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(change);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, change(part)]));
}

/** Whether it is an object of no class. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

export function isRemoteStream(input: unknown): input is RemoteStream {
  return isRecord(input) && input["remoteStream"] === true;
}

/** An error as data: its own fields, message and name. */
interface PlainError {
  readonly name: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export function toPlain(error: unknown): PlainError {
  if (!(error instanceof Error)) return { name: "Error", message: String(error), fields: {} };
  const { name, message } = error;
  const { code, where, remedy, problems } = error as Partial<errors.TensorsError>;
  return { name, message, fields: error instanceof FunAsrError ? { code, where, remedy, problems } : {} };
}

/** Restores an error with its class. */
export function toError({ name, message, fields }: PlainError): Error {
  if (name === "AbortError") return new DOMException(message, "AbortError");
  const Known = Object.entries(errors).find(([key]) => key === name)?.[1];
  if (Known === undefined) return new RuntimeError("internal", "worker", `${name}: ${message}`);
  const { code, where } = fields as { readonly code: ErrorCode; readonly where: string };
  const error = new FunAsrError(code, where, "");
  Object.setPrototypeOf(error, Known.prototype as object);
  return Object.assign(error, { ...fields, name, message });
}
