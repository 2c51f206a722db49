/**
 * The globals that browsers and Node share, as far as the core uses them: tsconfig.core.json compiles the core with these
 * and the types of ECMAScript alone, so that what only one platform has does not compile.
 */
interface EventOptions {
  readonly once?: boolean;
}

interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: "abort", listener: () => void, options?: EventOptions): void;
  removeEventListener(type: "abort", listener: () => void): void;
}
declare const AbortSignal: {
  abort(reason?: unknown): AbortSignal;
  any(signals: readonly AbortSignal[]): AbortSignal;
  timeout(milliseconds: number): AbortSignal;
};

interface AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}
declare const AbortController: new () => AbortController;

interface DOMException extends Error {}
declare const DOMException: new (message?: string, name?: string) => DOMException;

interface URL {
  readonly href: string;
  readonly origin: string;
  readonly host: string;
  readonly hostname: string;
  readonly pathname: string;
  readonly protocol: string;
  username: string;
  password: string;
}
declare const URL: {
  new (url: string | URL, base?: string | URL): URL;
  canParse(url: string, base?: string | URL): boolean;
};

declare function btoa(bytes: string): string;

declare const TextEncoder: new () => {
  encode(text: string): Uint8Array<ArrayBuffer>;
  encodeInto(text: string, target: Uint8Array): { readonly read: number; readonly written: number };
};

interface TextDecoder {
  decode(bytes?: ArrayBufferView | ArrayBufferLike, options?: { readonly stream?: boolean }): string;
}
declare const TextDecoder: new (
  label?: string,
  options?: { readonly fatal?: boolean; readonly ignoreBOM?: boolean },
) => TextDecoder;

type Timer = { readonly timer: never };
declare function setTimeout(callback: () => void, milliseconds: number): Timer;
declare function clearTimeout(timer: Timer | undefined): void;

declare const performance: { now(): number };

interface ReadableStream<Chunk = unknown> extends AsyncIterable<Chunk> {
  cancel(reason?: unknown): Promise<void>;
  pipeThrough<Out>(transform: { readonly readable: ReadableStream<Out> }): ReadableStream<Out>;
}

interface Blob {
  readonly size: number;
  slice(start?: number, end?: number): Blob;
  stream(): ReadableStream<Uint8Array<ArrayBuffer>>;
  arrayBuffer(): Promise<ArrayBuffer>;
}
declare const Blob: new (parts: readonly (Blob | Uint8Array<ArrayBuffer> | ArrayBuffer | string)[]) => Blob;

declare const CompressionStream: new (format: "deflate" | "deflate-raw" | "gzip") => {
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
};

type HeadersInit = Readonly<Record<string, string>>;
interface Headers {
  get(name: string): string | null;
}
declare const Headers: new (headers?: HeadersInit | Headers) => Headers;

interface Response {
  readonly type: "basic" | "cors" | "default" | "error" | "opaque" | "opaqueredirect";
  readonly ok: boolean;
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>> | null;
  arrayBuffer(): Promise<ArrayBuffer>;
}
declare const Response: new (
  body: ReadableStream | Uint8Array<ArrayBuffer>,
  options?: { readonly headers?: HeadersInit },
) => Response;

declare function fetch(
  url: string | URL,
  options?: {
    readonly method?: "GET" | "HEAD";
    readonly headers?: HeadersInit;
    readonly redirect?: "follow" | "manual";
    readonly signal?: AbortSignal;
  },
): Promise<Response>;

/** The decoders of compressed audio write to it; nothing else may (lint rule no-console). */
declare var console: { error: (...values: readonly unknown[]) => void };

interface ImportMeta {
  readonly url: string;
}

declare function atob(text: string): string;
