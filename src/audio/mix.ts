/**
 * Several channels to one: their mean, as upstream mixes before resampling, too. Where the channels are in antiphase, as
 * with a cable of wrong polarity, their mean is silence, and one of them is taken instead.
 */

export interface Mixer {
  /** Takes the next samples of each channel; returns what is mixed so far. */
  push(channels: readonly Float32Array[]): Float32Array;
  /** Returns the rest. */
  end(): Float32Array;
  /** Frames so far in which one channel was taken. */
  readonly inAntiphase: number;
}

/** Seconds that are judged at a time, from the start of the part on, whatever the sizes of the pieces. */
const BLOCK = 0.5;
/** Seconds; a shorter block, which is the last one, is mixed as the block before it. */
const LEAST = 0.05;
/** The channels are in antiphase where their mean has no more than this share of their energy: −20 dB. */
const LEFT = 0.01;
/** Energy is that of differences over half a millisecond, in which an offset and rumble do not count. */
const LAG = 0.0005;

export function planMixer(sampleRate: number, channels: number): Mixer {
  if (channels === 1) {
    return { push: ([only]) => only!, end: () => new Float32Array(0), inAntiphase: 0 };
  }
  const block = Math.ceil(BLOCK * sampleRate);
  const lag = Math.max(1, Math.round(LAG * sampleRate));
  let pending: readonly Float32Array[] = Array.from({ length: channels }, () => new Float32Array(0));
  let inAntiphase = 0;
  let taken: number | undefined; // the channel of the block before, where one was taken

  /** Mixes the frames up to `end`, block by block. */
  const mix = (all: readonly Float32Array[], end: number): Float32Array => {
    const mono = new Float32Array(end);
    for (let from = 0; from < end; from += block) {
      const parts = all.map((channel) => channel.subarray(from, Math.min(from + block, end)));
      const mean = meanOf(parts);
      if (mean.length >= LEAST * sampleRate) taken = channelInstead(parts, mean, lag);
      if (taken !== undefined) inAntiphase += mean.length;
      mono.set(taken === undefined ? mean : parts[taken]!, from);
    }
    return mono;
  };

  return {
    push(next) {
      const all = next.map((channel, c) => joined(pending[c]!, channel));
      const { length } = all[0]!;
      const end = length - (length % block);
      const mono = mix(all, end);
      pending = all.map((channel) => channel.slice(end));
      return mono;
    },
    end() {
      const rest = mix(pending, pending[0]!.length);
      pending = pending.map(() => new Float32Array(0));
      return rest;
    },
    get inAntiphase() {
      return inAntiphase;
    },
  };
}

/** Interleaved samples as an array for each channel. */
export function separated(samples: Float32Array, channels: number): Float32Array[] {
  if (channels === 1) return [samples];
  return Array.from({ length: channels }, (_, c) => {
    const own = new Float32Array(samples.length / channels);
    for (let i = 0, at = c; i < own.length; i++, at += channels) own[i] = samples[at]!;
    return own;
  });
}

function joined(before: Float32Array, after: Float32Array): Float32Array {
  if (before.length === 0) return after;
  const all = new Float32Array(before.length + after.length);
  all.set(before);
  all.set(after, before.length);
  return all;
}

/** The mean of the channels. */
function meanOf(channels: readonly Float32Array[]): Float32Array {
  const mean = new Float32Array(channels[0]!.length);
  for (let i = 0; i < mean.length; i++) {
    let sum = 0;
    for (const channel of channels) sum += channel[i]!;
    mean[i] = sum / channels.length;
  }
  return mean;
}

/** The number of the first channel that is not quieter than most, if the channels are in antiphase. */
function channelInstead(
  channels: readonly Float32Array[],
  mean: Float32Array,
  lag: number,
): number | undefined {
  const energies = channels.map((channel) => energyOf(channel, lag));
  const usual = energies.reduce((sum, energy) => sum + energy, 0) / channels.length;
  if (usual === 0 || energyOf(mean, lag) > LEFT * usual) return undefined;
  return energies.findIndex((energy) => energy >= usual / 2);
}

function energyOf(samples: Float32Array, lag: number): number {
  let energy = 0;
  for (let i = lag; i < samples.length; i++) energy += (samples[i]! - samples[i - lag]!) ** 2;
  return energy;
}
