/** One link of Ogg Opus (RFC 7845): packets out of pages, and the recording's ends by the pages' positions. */
import { readUpTo } from "../platform/bytes.ts";
import type { ByteSource } from "../platform/bytes.ts";
import type { AudioPiece } from "../platform/platform.ts";
import { shortfall } from "./compressed.ts";
import type { PartEnd } from "./decoder.ts";
import { faultsOf, linkPages, startWalk } from "./ogg.ts";
import type { OggWalk } from "./ogg.ts";
import { decodeOpusPackets, packetSamples, parseOpusHead } from "./opus.ts";
import { trimmed } from "./trim.ts";
import type { Cut } from "./trim.ts";

const PAGE_HEADER = 27;
const CONTINUED = 1; // flag of a page
const HEADERS = 2;
const MAX_HEAD = 21 + 255;

export async function* decodeOpus(source: ByteSource): AsyncGenerator<AudioPiece, PartEnd> {
  const head = parseOpusHead(source.name, await readUpTo(source, PAGE_HEADER + 1, MAX_HEAD));
  const walk = startWalk();
  const cut: Cut & { start: number } = { skip: head.preSkip, start: 0 };
  const packets = audioPackets(linkPages(source, walk), walk, cut);
  const tally = yield* trimmed(decodeOpusPackets(source.name, head, packets), cut);
  const warnings = [...shortfall(walk.position - cut.start - head.preSkip, tally), ...faultsOf(walk)];
  return { truncated: warnings.length > 0, warnings, end: walk.end };
}

/** The audio packets of each page. `start` becomes the position of the first sample, which a live stream begins with. */
async function* audioPackets(
  pages: AsyncIterable<Uint8Array>,
  walk: OggWalk,
  cut: Cut & { start: number },
): AsyncGenerator<Uint8Array[]> {
  let headers = HEADERS;
  let rest: Uint8Array[] | undefined; // the begun packet
  let isFirst = true;
  for await (const page of pages) {
    const isContinued = (page[5]! & CONTINUED) !== 0;
    const { packets, begun } = packetsOf(page, isContinued ? rest : undefined, isContinued);
    rest = begun;
    const audio = packets.slice(headers);
    headers = Math.max(0, headers - packets.length);
    if (audio.length === 0) continue;
    const samples = audio.reduce((sum, packet) => sum + packetSamples(packet), 0);
    if (isFirst && !walk.ended) cut.start = Math.max(0, walk.position - samples);
    isFirst = false;
    if (walk.ended) cut.end = walk.position - cut.start;
    yield audio;
  }
}

/** The packets that end on the page, and the one that goes on. `before` is the start of the first, where it was there. */
function packetsOf(
  page: Uint8Array,
  before: Uint8Array[] | undefined,
  isContinued: boolean,
): { packets: Uint8Array[]; begun: Uint8Array[] | undefined } {
  const lacing = page.subarray(PAGE_HEADER, PAGE_HEADER + page[26]!);
  const packets: Uint8Array[] = [];
  let at = PAGE_HEADER + lacing.length;
  let isLost = isContinued && before === undefined;
  let begun = [...(before ?? [])];
  for (const length of lacing) {
    begun.push(page.subarray(at, at + length));
    at += length;
    if (length === 255) continue;
    if (!isLost) packets.push(joined(begun));
    isLost = false;
    begun = [];
  }
  return { packets, begun: begun.length > 0 && !isLost ? begun : undefined };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
