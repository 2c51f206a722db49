/** The calling thread's side of a worker: requests out, replies and callbacks in. */
import { FunAsrError, RuntimeError, UsageError } from "../errors.ts";
import type { LiveEvent } from "../live/events.ts";
import type { TranscribeOptions } from "../longform/options.ts";
import { platform } from "../platform/current.ts";
import { readStream } from "../platform/stream-reader.ts";
import type { StreamReader } from "../platform/stream-reader.ts";
import type { WorkerThread } from "../platform/platform.ts";
import { checkMethodOptions } from "../transcriber/check-options.ts";
import type { ModelInfo, TranscribeInput } from "../transcriber/types.ts";
import { isRecord, pack, toError } from "./protocol.ts";
import type { CallbackFlags, Method, Reply, Request } from "./protocol.ts";

/** Callbacks that cross as messages; any other function in the options cannot. */
const callbackNames = new Set(["onProgress", "onToken", "onDraft", "onSegment", "onPartial", "signal"]);

type Callbacks = Pick<
  TranscribeOptions,
  "onProgress" | "onToken" | "onDraft" | "onSegment" | "onPartial" | "signal"
>;

/** What a caller gives beside the options. */
type OnEvent = ((event: LiveEvent) => void) | undefined;

interface Call {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly callbacks: Callbacks;
  readonly stream: StreamReader<unknown> | undefined;
  readonly onEvent: OnEvent;
}

/** Matches replies with calls. The process can end while no call is running. */
export class Connection {
  readonly #worker = startThread();
  readonly #calls = new Map<number, Call>();
  #next = 1;
  #closed = false;

  constructor() {
    this.#worker.onMessage((reply) => this.#receive(reply as Reply));
    this.#worker.onError((cause) => this.#fail(failure(cause)));
    this.#worker.onExit(() => this.#fail(new FunAsrError("disposed", "worker", "the model was disposed")));
    this.#worker.unref();
  }

  load(model: unknown, options: object, callbacks: Callbacks): Promise<ModelInfo> {
    const flags = callbackFlags(callbacks);
    return this.#request<ModelInfo>(0, { callbacks }, { kind: "load", model, options, flags });
  }

  async call<Result>(
    method: Method,
    input: TranscribeInput,
    given: readonly unknown[],
    options: Callbacks & object,
    onEvent?: OnEvent,
  ): Promise<Result> {
    if (this.#closed) throw new FunAsrError("disposed", "worker", "the model was disposed");
    checkMethodOptions(method, options);
    const id = this.#next++;
    const { sent, stream } = split(input);
    const args = [sent, ...given, plainOptions(options)];
    const flags = callbackFlags(options);
    const context = { callbacks: options, stream, onEvent };
    return this.#request<Result>(id, context, { kind: "call", id, method, args, flags });
  }

  /** Ends the thread with everything that it holds: weights, threads of the backend, open files. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker.terminate();
  }

  async #request<Result>(
    id: number,
    { callbacks, stream, onEvent }: Pick<Call, "callbacks"> & Partial<Pick<Call, "stream" | "onEvent">>,
    request: Request,
  ): Promise<Result> {
    const { signal } = callbacks;
    signal?.throwIfAborted();
    const abort = (): void => this.#post({ kind: "abort", id });
    signal?.addEventListener("abort", abort, { once: true });
    this.#worker.ref();
    try {
      return await new Promise<Result>((resolve, reject) => {
        const settle = { resolve: resolve as (value: unknown) => void, reject };
        this.#calls.set(id, { ...settle, callbacks, stream, onEvent });
        this.#post(request);
      });
    } catch (error) {
      throw signal?.aborted === true ? signal.reason : error;
    } finally {
      signal?.removeEventListener("abort", abort);
      this.#calls.delete(id);
      if (this.#calls.size === 0) this.#worker.unref();
    }
  }

  /** Throws `bad_option` for what a message cannot carry, such as memory that was handed over to another thread. */
  #post(request: Request): void {
    try {
      this.#worker.postMessage(pack(request), []);
    } catch (cause) {
      const found = cause instanceof Error ? cause.message : String(cause);
      throw new UsageError("bad_option", "worker", `what cannot cross to a worker: ${found}`, {
        wanted: "paths, plain data, and arrays whose memory was not transferred",
        cause,
      });
    }
  }

  #receive(reply: Reply): void {
    const call = this.#calls.get(reply.id);
    if (call === undefined) return;
    const { callbacks, stream } = call;
    try {
      if (reply.kind === "loaded") call.resolve(reply.info);
      else if (reply.kind === "result") call.resolve(reply.value);
      else if (reply.kind === "error") call.reject(toError(reply.error));
      else if (reply.kind === "progress") callbacks.onProgress?.(reply.progress);
      else if (reply.kind === "token") callbacks.onToken?.(reply.text, reply.attempt);
      else if (reply.kind === "draft") callbacks.onDraft?.(reply.text);
      else if (reply.kind === "segment") callbacks.onSegment?.(reply.segment);
      else if (reply.kind === "event") call.onEvent?.(reply.event);
      else if (reply.kind === "partial") callbacks.onPartial?.(reply.partial);
      else void this.#pull(reply.id, call, stream!, reply.done);
    } catch (error) {
      this.#post({ kind: "abort", id: reply.id });
      call.reject(error); // a callback threw
    }
  }

  async #pull(id: number, call: Call, stream: StreamReader<unknown>, done: boolean): Promise<void> {
    try {
      if (done) return await stream.close();
      const next = await stream.next();
      this.#post({ kind: "piece", id, piece: next.value, done: next.done === true });
    } catch (error) {
      this.#post({ kind: "abort", id });
      this.#post({ kind: "piece", id, piece: undefined, done: true });
      call.reject(error);
    }
  }

  #fail(error: Error): void {
    this.#closed = true;
    for (const { reject, stream } of this.#calls.values()) {
      reject(error);
      stream?.close().catch(() => {}); // the call has ended already
    }
    this.#calls.clear();
  }
}

/** Throws `backend_unavailable` where the platform, or its entry point, has no such thread. */
function startThread(): WorkerThread {
  const { startModelThread } = platform();
  if (startModelThread !== undefined) return startModelThread();
  throw new RuntimeError("backend_unavailable", "worker", "this entry point starts no threads", {
    remedy: 'Import "fun-asr"',
  });
}

/** Why the thread ended. */
function failure(cause: unknown): RuntimeError {
  if ((cause as { readonly code?: unknown }).code !== "ERR_MODULE_NOT_FOUND")
    return new RuntimeError("internal", "worker", "it failed", { cause });
  return new RuntimeError("backend_unavailable", "worker", "the thread's program is missing", {
    remedy: "Where the library is bundled, bundle fun-asr/worker as fun-asr-worker.js beside it",
    cause,
  });
}

/** Which callbacks the worker calls; segments are always sent. */
const callbackFlags = (callbacks: Callbacks): CallbackFlags => ({
  progress: callbacks.onProgress !== undefined,
  token: callbacks.onToken !== undefined,
  draft: callbacks.onDraft !== undefined,
  partial: callbacks.onPartial !== undefined,
});

/** What is sent in place of the input, and the stream that stays here, if the input is one. */
function split(input: TranscribeInput): { sent: unknown; stream?: StreamReader<unknown> } {
  if (!isObject(input)) return { sent: input };
  if (Symbol.asyncIterator in input) return { sent: { remoteStream: true }, stream: readStream(input) };
  if ("samples" in input && isObject(input.samples) && Symbol.asyncIterator in input.samples) {
    const { samples, sampleRate } = input;
    return { sent: { remoteStream: true, sampleRate }, stream: readStream(samples) };
  }
  return { sent: input };
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** The options without callbacks; throws `bad_option` for what a message cannot carry. */
function plainOptions(options: object): object {
  const entries = Object.entries(options).filter(([name]) => !callbackNames.has(name));
  for (const [name, value] of entries) {
    if (isPlain(value, MAX_DEPTH)) continue;
    throw new UsageError("bad_option", name, "functions, classes or a loop, which cannot cross to a worker", {
      wanted: name === "hotwords" ? "a list of words" : "plain data",
    });
  }
  return Object.fromEntries(entries);
}

/** No option is nested this deep; an object that contains itself is deeper. */
const MAX_DEPTH = 20;

/** Whether a message carries it: no functions, and no classes but arrays, views of memory and addresses. */
function isPlain(value: unknown, depth: number): boolean {
  if (typeof value === "function" || depth === 0) return false;
  const isPlainPart = (part: unknown): boolean => isPlain(part, depth - 1);
  if (Array.isArray(value)) return value.every(isPlainPart);
  if (isRecord(value)) return Object.values(value).every(isPlainPart);
  return typeof value !== "object" || value === null || ArrayBuffer.isView(value) || value instanceof URL;
}
