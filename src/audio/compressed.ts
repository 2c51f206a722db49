/**
 * Shared code of the WebAssembly decoders: they are loaded when first needed, get pieces whose decoded size is bounded,
 * must not print, and are freed. Whatever they throw becomes an `AudioError`.
 */
import { AudioError, FunAsrError, memoryFault } from "../errors.ts";
import { checkFinite } from "./decoder.ts";
import type { AudioPiece } from "../platform/platform.ts";
import { offerTurn } from "../platform/turns.ts";

/** The part of the decoders' interface that is used. */
interface WasmDecoder<Part> {
  readonly ready: Promise<void>;
  decode(part: Part): Decoded | Promise<Decoded>;
  flush?(): Promise<Decoded>;
  free(): void;
}

export interface Decoded {
  readonly channelData: Float32Array[];
  readonly samplesDecoded: number;
  readonly sampleRate: number;
  readonly errors: readonly { readonly message: string }[];
}

/** The totals of a decoding. */
export interface Tally {
  readonly frames: number;
  /** In Hz; 0 where nothing was decoded. */
  readonly sampleRate: number;
  /** The decoder's error messages. */
  readonly errors: readonly string[];
}

/**
 * Decodes `parts`, each of which the caller has bounded so that its samples fit in memory.
 * `correct` converts the decoder's samples to ours, in place.
 */
export async function* decodePieces<Part = Uint8Array>(
  where: string,
  create: () => Promise<WasmDecoder<Part>>,
  parts: AsyncIterable<Part>,
  correct: (samples: Float32Array) => void = () => {},
): AsyncGenerator<AudioPiece, Tally> {
  const decoder = await started(where, create);
  const errors: string[] = [];
  let frames = 0;
  let sampleRate = 0;

  function* piece(decoded: Decoded): Generator<AudioPiece> {
    errors.push(...decoded.errors.map(({ message }) => message));
    if (!(decoded.samplesDecoded > 0)) return;
    const channels = decoded.channelData.map((channel) => channel.subarray(0, decoded.samplesDecoded));
    for (const channel of channels) {
      correct(channel);
      checkFinite(where, channel, frames);
    }
    frames += decoded.samplesDecoded;
    sampleRate = decoded.sampleRate;
    yield { channels, sampleRate: decoded.sampleRate };
  }

  try {
    for await (const part of parts) {
      await offerTurn(); // parts without samples do not reach the caller
      yield* piece(await quietly(() => decoder.decode(part)));
    }
    if (decoder.flush !== undefined) yield* piece(await quietly(() => decoder.flush!()));
    return { frames, sampleRate, errors };
  } catch (cause) {
    if (cause instanceof FunAsrError || (cause instanceof Error && cause.name === "AbortError")) throw cause;
    throw (
      memoryFault(where, cause) ??
      new AudioError("audio_malformed", where, `the decoder failed: ${String(cause)}`, { cause })
    );
  } finally {
    decoder.free();
  }
}

/** Throws `unsupported_encoding` where the decoder cannot run: another program may decode the file. */
async function started<Part>(
  where: string,
  create: () => Promise<WasmDecoder<Part>>,
): Promise<WasmDecoder<Part>> {
  const refused = (why: string, cause?: unknown): AudioError =>
    new AudioError("unsupported_encoding", where, `the decoder does not start: ${why}`, {
      wanted: "an engine with WebAssembly (without --jitless), or WAV",
      remedy:
        "Install ffmpeg, which is used when it is there, or convert the file with it: ffmpeg -i FILE talk.wav",
      cause,
    });
  if (typeof WebAssembly === "undefined") throw refused("this JavaScript engine runs without WebAssembly");
  try {
    const decoder = await create();
    await decoder.ready;
    return decoder;
  } catch (cause) {
    throw refused(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/** Silences `console.error` while a decoder runs: it prints each error that it also returns, before its first await. */
function quietly<T>(run: () => T): T {
  const { console: screen } = globalThis;
  const { error } = screen;
  screen.error = () => {};
  try {
    return run();
  } finally {
    screen.error = error;
  }
}

/** Warnings about missing samples, where the file gives their number. */
export function shortfall(promised: number, { frames, sampleRate, errors }: Tally): string[] {
  const warnings: string[] = [];
  if (frames < promised) {
    const missing = sampleRate > 0 ? `, ${((promised - frames) / sampleRate).toFixed(2)} s are missing` : "";
    warnings.push(
      `the file ends early or is damaged: ${frames} of ${promised} samples are present${missing}`,
    );
  }
  if (errors.length > 0) warnings.push(`${errors.length} damaged frames; the first: ${errors[0]}`);
  return warnings;
}
