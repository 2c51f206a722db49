/** One request to a server over each of its protocols: a recording, and its text. */
import { WebSocket } from "ws";

export interface Ask {
  readonly name: string;
  /** The text of a WAV file of the demo model. Rejects where the server says that something is wrong, or ends. */
  ask(url: string, clip: Buffer, signal?: AbortSignal): Promise<string>;
}

/** Of 16-bit samples. */
const MESSAGE_BYTES = 6400;

export const kinds: readonly Ask[] = [
  {
    name: "transcriptions",
    async ask(url, clip, signal) {
      const reply = await post(url, "/v1/audio/transcriptions", clip, { model: "demo" }, signal);
      return ((await reply.json()) as { text: string }).text;
    },
  },
  {
    name: "transcriptions as a stream",
    async ask(url, clip, signal) {
      const fields = { model: "demo", stream: "true" };
      const reply = await post(url, "/v1/audio/transcriptions", clip, fields, signal);
      const [, done = ""] =
        /^data: (\{"type":"transcript\.text\.done".*\})$/mu.exec(await reply.text()) ?? [];
      return (JSON.parse(done) as { text: string }).text;
    },
  },
  {
    name: "inference",
    async ask(url, clip, signal) {
      const reply = await post(url, "/inference", clip, {}, signal);
      return ((await reply.json()) as { text: string }).text;
    },
  },
  {
    name: "realtime",
    ask(url, clip, signal) {
      let text = "";
      return talk(url, "/v1/realtime?intent=transcription", signal, {
        open(send) {
          const input = { format: { type: "audio/pcm", rate: 16_000 } };
          send({ type: "session.update", session: { type: "transcription", audio: { input } } });
          for (const part of partsOf(clip))
            send({ type: "input_audio_buffer.append", audio: part.toString("base64") });
          send({ type: "input_audio_buffer.commit" });
          // answered when all that is before it is done
          send({ type: "input_audio_buffer.clear" });
        },
        take({ type, transcript, error }) {
          if (error !== undefined) throw new Error(JSON.stringify(error));
          if (transcript !== undefined) text += transcript as string;
          return type === "input_audio_buffer.cleared" ? text : undefined;
        },
      });
    },
  },
  {
    name: "FunASR, 2pass",
    ask(url, clip, signal) {
      let text = "";
      return talk(url, "/", signal, {
        open(send) {
          send({ mode: "2pass", wav_name: "a", is_speaking: true, encoder_chunk_look_back: 4 });
          for (const part of partsOf(clip)) send(part);
          send({ is_speaking: false, is_end: true });
        },
        take({ mode, text: more, is_end: isEnd, error }) {
          if (error !== undefined) throw new Error(JSON.stringify(error));
          if (mode === "2pass-offline") text += more as string;
          return isEnd === true ? text : undefined;
        },
      });
    },
  },
  {
    name: "sherpa-onnx, offline",
    ask(url, clip, signal) {
      return talk(url, "/sherpa/offline", signal, {
        open(send) {
          const header = Buffer.alloc(8);
          const samples = floatsOf(clip);
          header.writeInt32LE(16_000, 0);
          header.writeInt32LE(samples.length, 4);
          send(header);
          for (let at = 0; at < samples.length; at += MESSAGE_BYTES)
            send(samples.subarray(at, at + MESSAGE_BYTES));
        },
        take: ({ text }) => text as string,
      });
    },
  },
];

async function post(
  url: string,
  path: string,
  clip: Buffer,
  fields: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<Response> {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  body.append("file", new Blob([new Uint8Array(clip)]), "a.wav");
  const reply = await fetch(url + path, { method: "POST", body, signal: signal ?? null });
  if (!reply.ok) throw new Error(`status ${reply.status}: ${await reply.text()}`);
  return reply;
}

type Send = (message: object | Buffer) => void;
interface Talk {
  open(send: Send): void;
  /** The text, when it is known; throws what is wrong. */
  take(message: Readonly<Record<string, unknown>>): string | undefined;
}

function talk(
  url: string,
  path: string,
  signal: AbortSignal | undefined,
  { open, take }: Talk,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url.replace("http", "ws") + path);
    const leave = (): void => {
      reject(new Error("left"));
      socket.terminate();
    };
    signal?.addEventListener("abort", leave, { once: true });
    socket.on("open", () =>
      open((message) => socket.send(Buffer.isBuffer(message) ? message : JSON.stringify(message))),
    );
    socket.on("message", (data: Buffer) => {
      try {
        const text = take(JSON.parse(data.toString()) as Readonly<Record<string, unknown>>);
        if (text === undefined) return;
        resolve(text);
        socket.close();
      } catch (error) {
        reject(error as Error);
        socket.terminate();
      }
    });
    socket.on("error", reject);
    socket.on("close", (code) => {
      signal?.removeEventListener("abort", leave);
      reject(new Error(`closed with ${code}`));
    });
  });
}

function* partsOf(clip: Buffer): Generator<Buffer> {
  for (let at = 44; at < clip.length; at += MESSAGE_BYTES) yield clip.subarray(at, at + MESSAGE_BYTES);
}

function floatsOf(clip: Buffer): Buffer {
  const floats = Float32Array.from(
    { length: (clip.length - 44) / 2 },
    (_, i) => clip.readInt16LE(44 + 2 * i) / 32_768,
  );
  return Buffer.from(floats.buffer);
}
