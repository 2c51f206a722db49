/**
 * Decodes other formats through an installed ffmpeg: fixed arguments, no shell, no network, a closed list of
 * containers (none that can name other files), and output that is streamed.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { AudioError } from "../../errors.ts";
import { checkFinite, mixInterleaved, undecodable } from "../../audio/decoder.ts";
import { readWavHeader } from "../../audio/wav-header.ts";
import { openBytes, readUpTo } from "../../platform/bytes.ts";
import type { ByteSource } from "../../platform/bytes.ts";
import type { AudioEnd, AudioPiece } from "../../platform/platform.ts";

/** Demuxers of files that contain their samples; playlists and image sequences are not among them. */
const CONTAINERS = "aac,ac3,aiff,amr,ape,asf,au,caf,eac3,flac,matroska,mov,mp3,ogg,w64,wav,wv";

/** Bytes to wait for before the header is parsed; ffmpeg's is far shorter. */
const HEADER_BYTES = 512;
const MAX_MESSAGE = 2_000;
const CHUNK_BYTES = 2 ** 18;

/** Decodes `source`, from its file where it has one (some containers must be read backwards), else from a pipe. */
export async function* decodeWithFfmpeg(
  source: ByteSource,
  format: string,
  program: string,
): AsyncGenerator<AudioPiece, AudioEnd> {
  const { path } = source;
  const child = spawn(program, commandLine(path), {
    stdio: [path === undefined ? "pipe" : "ignore", "pipe", "pipe"],
    windowsHide: true,
  });
  let message = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    if (message.length < MAX_MESSAGE) message += text;
  });
  const ended = once(child, "close").then(
    ([code]) => code as number | null,
    (cause: unknown) => {
      throw undecodable(source.name, format, program, cause);
    },
  );
  ended.catch(() => {}); // awaited below; where the generator is left early, the rejection must not count as unhandled
  if (child.stdin) void feed(source, child.stdin);
  try {
    yield* floats(source.name, child.stdout!);
    const code = await ended;
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
    child.kill("SIGKILL");
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

/** Parses a WAV stream of float32 into mono pieces. Its header has no lengths, because a pipe cannot be rewound. */
async function* floats(where: string, stream: AsyncIterable<Uint8Array>): AsyncGenerator<AudioPiece> {
  let pending = new Uint8Array(0);
  let header: { channels: number; sampleRate: number; frameBytes: number } | undefined;
  let frames = 0;
  for await (const chunk of stream) {
    pending = Uint8Array.from(Buffer.concat([pending, chunk]));
    if (header === undefined) {
      if (pending.length < HEADER_BYTES) continue;
      const found = await readWavHeader(openBytes(pending, where));
      header = found;
      pending = pending.slice(found.dataOffset);
    }
    const { channels, sampleRate, frameBytes } = header;
    const whole = Math.floor(pending.length / frameBytes);
    const samples = new Float32Array(pending.slice(0, whole * frameBytes).buffer);
    pending = pending.slice(whole * frameBytes);
    checkFinite(where, samples, frames * channels);
    frames += whole;
    if (whole > 0) yield { samples: mixInterleaved(samples, channels), sampleRate, channels };
  }
}

async function feed(source: ByteSource, stdin: NodeJS.WritableStream): Promise<void> {
  stdin.on("error", () => {}); // ffmpeg may stop reading; its exit status gives the reason
  for (let at = 0; at < source.size && stdin.writable; at += CHUNK_BYTES) {
    if (!stdin.write(await readUpTo(source, at, CHUNK_BYTES))) {
      await Promise.race([once(stdin, "drain"), once(stdin, "close")]).catch(() => {});
    }
  }
  stdin.end();
}
