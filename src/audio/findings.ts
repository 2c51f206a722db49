/** What is to be told of the parts of a file: missing audio, and bytes that are no audio. */
import type { AudioEnd } from "../platform/platform.ts";
import { counted } from "../warnings.ts";
import { MAX_JUNK_BYTES, MAX_QUIET_BYTES, MAX_WARNINGS } from "./limits.ts";

export class Findings {
  #truncated = false;
  /** How often there was each. */
  readonly #warnings = new Map<string, number>();
  #unlisted = 0;

  /** What the decoder of the part at `offset` found. */
  add({ truncated, warnings }: AudioEnd, offset: number): void {
    this.#truncated ||= truncated;
    for (const warning of warnings)
      this.#warn(offset === 0 ? warning : `${warning} (from byte ${offset} on)`);
  }

  /** A part, or the rest of one, that is not decoded. */
  lose(offset: number, bytes: number, seconds: number | undefined, why: string): void {
    this.#truncated = true;
    this.#warn(leftOut(offset, bytes, seconds, why));
  }

  /** Bytes that are not audio. So many that audio may be among them count as missing audio. */
  skip(offset: number, bytes: number): void {
    if (bytes <= MAX_QUIET_BYTES) return;
    this.#truncated ||= bytes > MAX_JUNK_BYTES;
    this.#warn(`${bytes} bytes from byte ${offset} on are not audio and were left out`);
  }

  end(): AudioEnd {
    const more = this.#unlisted === 0 ? [] : [`${this.#unlisted} more warnings`];
    const listed = [...this.#warnings].map(([message, count]) => counted(message, count));
    return { truncated: this.#truncated, warnings: [...listed, ...more] };
  }

  #warn(message: string): void {
    const count = this.#warnings.get(message);
    if (count !== undefined || this.#warnings.size < MAX_WARNINGS) {
      this.#warnings.set(message, (count ?? 0) + 1);
    } else this.#unlisted++;
  }
}

/** The warning about audio that is not decoded: its seconds, or its bytes where its length is unknown. */
export function leftOut(offset: number, bytes: number, seconds: number | undefined, why: string): string {
  const amount = seconds === undefined ? `${bytes} bytes` : `${seconds.toFixed(2)} s`;
  return `${amount} of audio from byte ${offset} on are left out: ${why}`;
}
