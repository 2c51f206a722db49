"""Writes variants.json: what torchaudio computes for the two front end variants of the ports.

    python3 test/frontend/golden/make_variants.py

`htk` is Fun-ASR-GGUF's recipe and `sherpa` sherpa-onnx's, put together from torch's and torchaudio's own parts; the
samples are those of fixtures/audio/tiny.wav from `offset` on. Only the named rows are kept.
"""

import json
import wave
from pathlib import Path

import numpy
import torch
from torchaudio.compliance import kaldi
from torchaudio.functional import melscale_fbanks

HERE = Path(__file__).parent
AUDIO = HERE.parents[2] / "fixtures" / "audio" / "tiny.wav"
OFFSET = 1000
SAMPLES = 8123


def htk(samples: torch.Tensor) -> torch.Tensor:
    level = samples - samples.mean()
    emphasised = torch.cat([level[:1], level[1:] - 0.97 * level[:-1]])
    window = torch.hamming_window(400, periodic=True, dtype=samples.dtype)
    spectrum = torch.stft(
        emphasised, 400, 160, 400, window, center=True, pad_mode="constant", return_complex=True
    )
    filters = melscale_fbanks(201, 20, 8000, 80, 16000, None, "htk").to(samples.dtype)
    return torch.log(spectrum.abs().square().T @ filters + 1e-7)


def sherpa(samples: torch.Tensor) -> torch.Tensor:
    return kaldi.fbank(
        samples[None] * 32768,
        num_mel_bins=80,
        frame_length=25,
        frame_shift=10,
        dither=0.0,
        energy_floor=0.0,
        window_type="hamming",
        sample_frequency=16000,
        snip_edges=False,
        high_freq=-400.0,
    )


def main() -> None:
    with wave.open(str(AUDIO)) as file:
        data = numpy.frombuffer(file.readframes(file.getnframes()), numpy.int16)
    samples = torch.from_numpy(data[OFFSET : OFFSET + SAMPLES].astype(numpy.float32) / 32768)
    golden = {"offset": OFFSET, "samples": SAMPLES, "variants": {}}
    for name, frames in [("htk", htk(samples.double())), ("sherpa", sherpa(samples))]:
        rows = [0, 1, 25, len(frames) - 2, len(frames) - 1]
        golden["variants"][name] = {
            "frames": len(frames),
            "rows": {row: [round(float(value), 5) for value in frames[row]] for row in rows},
        }
    (HERE / "variants.json").write_text(json.dumps(golden) + "\n")


if __name__ == "__main__":
    main()
