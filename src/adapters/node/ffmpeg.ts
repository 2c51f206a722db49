/**
 * Decodes other formats through an installed ffmpeg: fixed arguments, no shell, no network, a closed list of
 * containers (none that can name other files), and output that is streamed.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { Readable } from "node:stream";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { AudioError } from "../../errors.ts";
import { checkFinite, undecodable } from "../../audio/decoder.ts";
import { separated } from "../../audio/mix.ts";
import { readWavHeader } from "../../audio/wav-header.ts";
import type { WavHeader } from "../../audio/wav-header.ts";
import { openBytes, readUpTo } from "../../platform/bytes.ts";
import type { ByteSource } from "../../platform/bytes.ts";
import { orAborted } from "../../platform/interruptible.ts";
import type { AudioEnd, AudioPiece } from "../../platform/platform.ts";

/** Demuxers of files that contain their samples; playlists and image sequences are not among them. */
const CONTAINERS =
  "aac,ac3,aiff,amr,ape,asf,au,avi,caf,dsf,dts,eac3,flac,flv,matroska,mov,mp3,mpc,mpc8,mpeg,mpegts,nistsphere,ogg,tta,voc," +
  "w64,wav,wv";

/** Bytes to wait for before the header is parsed; ffmpeg's is far shorter. */
const HEADER_BYTES = 512;
const MAX_MESSAGE = 2_000;
const CHUNK_BYTES = 2 ** 18;

/**
 * Decodes `source`, from its file where it has one (some containers must be read backwards), else from a pipe. An abort
 * ends the program and all waits for it.
 */
export async function* decodeWithFfmpeg(
  source: ByteSource,
  format: string,
  program: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<AudioPiece, AudioEnd> {
  const child = start(source, format, program);
  let message = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    if (message.length < MAX_MESSAGE) message += text;
  });
  const ended = once(child, "close").then(
    ([code]) => code as number | null,
    (cause: unknown) => {
      throw undecodable(source.name, format, program, cause);
    },
  );
  ended.catch(() => {}); // awaited below; where the generator is left early, the rejection must not count as unhandled
  const fed = child.stdin === null ? undefined : feed(source, child.stdin);
  fed?.catch(() => {}); // awaited below, too
  const stop = (): void => void child.stdout?.destroy(signal?.reason as Error);
  signal?.addEventListener("abort", stop, { once: true });
  try {
    if (child.stdout !== null) yield* floats(source.name, child.stdout);
    const code = await orAborted(ended, signal);
    await fed;
    const errorText = message.trim().split("\n")[0] ?? "";
    if (code !== 0) {
      throw new AudioError(
        "audio_malformed",
        source.name,
        `ffmpeg cannot decode this ${format}: ${errorText}`,
      );
    }
    return { truncated: errorText !== "", warnings: errorText === "" ? [] : [`ffmpeg: ${errorText}`] };
  } finally {
    signal?.removeEventListener("abort", stop);
    child.kill("SIGKILL");
  }
}

/** The running program. Without descriptors for its pipes it has none, and fails as one that is not there. */
function start({ name, path }: ByteSource, format: string, program: string): ChildProcess {
  try {
    return spawn(program, commandLine(path), {
      stdio: [path === undefined ? "pipe" : "ignore", "pipe", "pipe"],
      windowsHide: true,
    });
  } catch (cause) {
    throw undecodable(name, format, program, cause); // Node's permissions forbid it
  }
}

/** Depends on where the input is alone; nothing of the file's content gets into it. */
function commandLine(path: string | undefined): string[] {
  const [protocol, input] = path === undefined ? ["pipe", "pipe:0"] : ["file", `file:${path}`];
  const guards = [
    "-v",
    "error",
    "-nostdin",
    "-protocol_whitelist",
    protocol,
    "-format_whitelist",
    CONTAINERS,
  ];
  const output = ["-map", "0:a:0", "-map_metadata", "-1", "-c:a", "pcm_f32le", "-f", "wav", "pipe:1"];
  return [...guards, "-i", input, ...output];
}

/** Parses a WAV stream of float32. Its header has no lengths, because a pipe cannot be rewound. */
async function* floats(where: string, stream: AsyncIterable<Uint8Array>): AsyncGenerator<AudioPiece> {
  let pending: Uint8Array = new Uint8Array(0);
  let header: WavHeader | undefined;
  let frames = 0;

  function* whole({ channels, sampleRate, frameBytes }: WavHeader): Generator<AudioPiece> {
    const count = Math.floor(pending.length / frameBytes);
    const samples = new Float32Array(pending.slice(0, count * frameBytes).buffer);
    pending = pending.slice(count * frameBytes);
    checkFinite(where, samples, frames * channels);
    frames += count;
    if (count > 0) yield { channels: separated(samples, channels), sampleRate };
  }
  const readHeader = async (): Promise<WavHeader> => {
    const found = await readWavHeader(openBytes(pending, where));
    pending = pending.slice(found.dataOffset);
    return found;
  };

  for await (const chunk of stream) {
    pending = Uint8Array.from(Buffer.concat([pending, chunk]));
    if (header === undefined && pending.length < HEADER_BYTES) continue;
    header ??= await readHeader();
    yield* whole(header);
  }
  if (header === undefined && pending.length > 0) yield* whole(await readHeader()); // audio shorter than the wait
}

/** Writes the source to ffmpeg. That ffmpeg stops reading is no error: its exit status gives the reason. */
async function feed(source: ByteSource, stdin: Writable): Promise<void> {
  let failure: unknown;
  const chunks = async function* (): AsyncGenerator<Uint8Array> {
    try {
      for (let at = 0; at < source.size; at += CHUNK_BYTES) yield await readUpTo(source, at, CHUNK_BYTES);
    } catch (error) {
      failure = error;
    }
  };
  await pipeline(Readable.from(chunks()), stdin).catch(() => {});
  if (failure !== undefined) throw failure;
}
