"""Writes the clips of this folder: a stretch of fixtures/audio/tiny.wav as other programs' encoders write it.

    python3 test/audio/compressed/make_compressed.py

Needs `soundfile` (libsndfile with libFLAC, LAME, libvorbis and libopus). FLAC is lossless, so its truth is the WAV
itself; `decoded.json` holds what libsndfile's own decoders (mpg123 and libvorbis) make of the lossy ones. Then needs
ffmpeg, which puts the packets of `mono.opus` in MP4 and WebM, and libopus of version 1.5 or later (the path of its library
in LIBOPUS), which decodes them to `opus-decoded.wav`. The last packet switches from SILK to CELT, where the decoder fades
from concealed samples, and these changed by up to 4e-4 since version 1.3.
"""

import ctypes
import json
import os
import struct
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
    copy = ["ffmpeg", "-y", "-i", HERE / "mono.opus", "-bitexact", "-c", "copy"]
    subprocess.run([*copy, "-f", "mp4", HERE / "opus.m4a"], check=True)
    subprocess.run([*copy, "-cluster_time_limit", "100", HERE / "opus.webm"], check=True)
    soundfile.write(HERE / "opus-decoded.wav", decode_opus(), 48_000, subtype="FLOAT")


def decode_opus() -> numpy.ndarray:
    """The 18,000 samples of mono.opus behind its pre-skip, by libopus itself."""
    data = (HERE / "mono.opus").read_bytes()
    packets, begun, at = [], b"", 0
    while at < len(data):
        lacing = data[at + 27 : at + 27 + data[at + 26]]
        at += 27 + len(lacing)
        for length in lacing:
            begun += data[at : at + length]
            at += length
            if length < 255:
                packets.append(begun)
                begun = b""
    library = ctypes.CDLL(os.environ.get("LIBOPUS", "libopus.so.0"))
    library.opus_decoder_create.restype = ctypes.c_void_p
    decoder = ctypes.c_void_p(library.opus_decoder_create(48_000, 1, None))
    samples: list[float] = []
    for packet in packets[2:]:
        decoded = (ctypes.c_float * 5760)()
        count = library.opus_decode_float(decoder, packet, len(packet), decoded, 5760, 0)
        samples.extend(decoded[:count])
    skip = struct.unpack("<H", packets[0][10:12])[0]
    return numpy.array(samples[skip : skip + 18_000], dtype=numpy.float32)


if __name__ == "__main__":
    main()
