"""Writes the clips of this folder: a stretch of fixtures/audio/tiny.wav as other programs' encoders write it.

    python3 test/audio/compressed/make_compressed.py

Needs `soundfile` (libsndfile with libFLAC, LAME, libvorbis and libopus). FLAC is lossless, so its truth is the WAV
itself; `decoded.json` holds what libsndfile's own decoders (mpg123 and libvorbis) make of the lossy ones. Then needs
ffmpeg with libopus, which puts the packets of `mono.opus` in MP4 and decodes them to `opus-decoded.wav`.
"""

import json
import subprocess
from pathlib import Path

import numpy
import soundfile

HERE = Path(__file__).parent
AUDIO = HERE.parents[2] / "fixtures" / "audio" / "tiny.wav"
SAMPLES = 6000


def main() -> None:
    mono, rate = soundfile.read(AUDIO, dtype="int16")
    mono = mono[:SAMPLES].copy()
    mono[:4] = [-32768, 32767, 0, -1]
    stereo = numpy.stack([mono, mono[::-1] // 2], axis=1)
    soundfile.write(HERE / "mono-16.flac", mono, rate, format="FLAC", subtype="PCM_16")
    fine = stereo.astype(numpy.int32) << 16 | 0x3400
    soundfile.write(HERE / "stereo-24.flac", fine, rate, format="FLAC", subtype="PCM_24")
    soundfile.write(HERE / "mono.mp3", mono, rate, format="MP3", subtype="MPEG_LAYER_III")
    soundfile.write(HERE / "stereo.mp3", stereo, rate, format="MP3", subtype="MPEG_LAYER_III")
    soundfile.write(HERE / "mono.ogg", mono, rate, format="OGG", subtype="VORBIS")
    soundfile.write(HERE / "stereo.ogg", stereo, rate, format="OGG", subtype="VORBIS")
    soundfile.write(HERE / "mono.opus", mono, rate, format="OGG", subtype="OPUS")
    decoded = {}
    for name in ["mono.mp3", "stereo.mp3", "mono.ogg", "stereo.ogg"]:
        samples, rate = soundfile.read(HERE / name, dtype="float32", always_2d=True)
        mean = samples.mean(axis=1, dtype=numpy.float64)
        decoded[name] = {
            "samples": len(mean),
            "rate": rate,
            "every 37th": [round(float(value), 7) for value in mean[::37]],
        }
    (HERE / "decoded.json").write_text(json.dumps(decoded) + "\n")
    opus = ["ffmpeg", "-y", "-c:a", "libopus", "-i", HERE / "mono.opus", "-bitexact"]
    subprocess.run([*opus, "-c", "copy", "-f", "mp4", HERE / "opus.m4a"], check=True)
    subprocess.run([*opus, "-c:a", "pcm_f32le", HERE / "opus-decoded.wav"], check=True)


if __name__ == "__main__":
    main()
