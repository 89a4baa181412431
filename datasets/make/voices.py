# SPDX-License-Identifier: Apache-2.0
"""voices: which of five languages is spoken, from one second of a telephone prompt as a log-mel picture."""
import wave

import numpy as np

from common import describe, write_images

SEED = 5
RATE, FRAME, HOP, FFT, MELS, FRAMES = 8000, 200, 160, 256, 40, 49
LANGUAGES = {"English": ("en", "en_US_f_Allison"), "French": ("fr", "fr_CA_f_June"),
             "Spanish": ("es", "es_MX_f_Allison"), "Italian": ("it", "it_IT_m_Carlo"),
             "Russian": ("ru", "ru_RU_f_IvrvoiceRU")}
# The log energies that become 0 and 255: the 1 % and 99.5 % points of all training windows, rounded.
LOW, HIGH = -13.8, 4.4
NOT_SPEECH = "tt-monkeys.wav"  # the same animal cries in four of the packages
RAW_PROMPT = "vm-msgsaved.wav"


def mel_filters():
    """Forty triangles, evenly spaced in mel between 80 and 3,800 Hz, over the bins of the Fourier transform."""
    mel = lambda hertz: 2595 * np.log10(1 + hertz / 700)
    corners = 700 * (10 ** (np.linspace(mel(80), mel(3800), MELS + 2) / 2595) - 1)
    bins = np.arange(FFT // 2 + 1) * RATE / FFT
    rising = (bins - corners[:-2, None]) / np.diff(corners)[:-1, None]
    falling = (corners[2:, None] - bins) / np.diff(corners)[1:, None]
    return np.maximum(0, np.minimum(rising, falling))


FILTERS = mel_filters()


def log_mel(window):
    """40 mel rows (low first) by 49 frames of 25 ms every 20 ms, natural logarithm of the energy."""
    frames = np.lib.stride_tricks.sliding_window_view(window, FRAME)[::HOP][:FRAMES]
    power = np.abs(np.fft.rfft(frames * np.hanning(FRAME), FFT)) ** 2
    return np.log(power @ FILTERS.T + 1e-6).T


def read_wav(path):
    """Samples between -1 and 1 of an 8 kHz, mono, 16 bit file."""
    with wave.open(str(path)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE, 1, 2), path
        return np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768


def folder_of(sources, language):
    """Where a package keeps the prompts of its voice."""
    code, voice = LANGUAGES[language]
    return sources / f"asterisk-core-sounds-{code}-wav" / "usr" / "share" / "asterisk" / "sounds" / voice


def is_test(path):
    """The split goes by prompt name, so no prompt, in any language, is on both sides."""
    return sum(map(ord, path.name)) % 5 == 0


def windows(sources):
    """All one-second windows, half a second apart, that are not silent: log-mel, class and side of the split."""
    found = []
    for label, language in enumerate(LANGUAGES):
        for path in sorted(folder_of(sources, language).rglob("*.wav")):
            if path.name == NOT_SPEECH:
                continue
            sound = read_wav(path)
            for start in range(0, len(sound) - RATE + 1, RATE // 2):
                window = sound[start:start + RATE]
                if np.sqrt(np.mean(window ** 2)) >= 0.01:
                    found.append((log_mel(window), label, is_test(path)))
    return found


def to_bytes(spectra):
    """Log energies to bytes: LOW becomes 0, HIGH becomes 255, what lies outside is clamped."""
    return np.clip(np.rint((spectra - LOW) / (HIGH - LOW) * 255), 0, 255).astype(np.uint8)


def balanced_first(labels, each, rng):
    """A random order that begins with `each` samples of every class, mixed, and goes on with all others."""
    order = rng.permutation(len(labels))
    rank = np.zeros(len(labels), int)
    for label in np.unique(labels):
        members = order[labels[order] == label]
        rank[members] = np.arange(len(members))
    chosen = rank[order] < each
    return np.concatenate([order[chosen], order[~chosen]])


def make(sources, out, full):
    """Writes datasets/voices."""
    folder = out / "voices"
    found = windows(sources)
    splits = {}
    for name, each, side in (("train", 600, False), ("test", 200, True)):
        spectra = np.stack([spectrum for spectrum, _, test in found if test == side])
        labels = np.array([label for _, label, test in found if test == side], np.uint8)
        print(f"voices {name}: {len(labels)} windows, per class {np.bincount(labels)}, "
              f"1 % {np.quantile(spectra, 0.01):.2f}, 99.5 % {np.quantile(spectra, 0.995):.2f}")
        order = balanced_first(labels, each, np.random.default_rng([SEED, each]))
        count = len(order) if full and name == "train" else each * len(LANGUAGES)
        splits[name] = write_images(folder, name, "windows", to_bytes(spectra[order[:count]]), labels[order[:count]])
    raw = []
    for language, (code, _) in LANGUAGES.items():
        raw.append(f"{code}-message-saved.wav")
        (folder / raw[-1]).write_bytes((folder_of(sources, language) / RAW_PROMPT).read_bytes())
    describe(folder, {
        "name": "voices", "title": "Spoken languages, one second each", "kind": "spectrogram",
        "classes": list(LANGUAGES),
        "format": "idx", "layout": "hw", "rows": MELS, "columns": FRAMES, "channels": 1, "splits": splits,
        "source": "Debian packages asterisk-core-sounds-{en,fr,es,it,ru}-wav 1.6.1, cut and turned into log-mel "
                  "pictures by datasets/make/voices.py; train = 3,000, test = 1,000 windows, split by prompt name",
        "licence": "CC-BY-SA-3.0 AND CC-BY-3.0",
        "attribution": [
            "Allison Smith (theivrvoice.com), financed by Digium: English and Spanish (CC BY-SA 3.0)",
            "June Wallack (junewallack.com), financed by Digium, Unlimitel and BGM Informatique: French (CC BY-SA 3.0)",
            "Carlo Flora: Italian (CC BY 3.0)", "Maxim Topal (ivrvoice.ru): Russian (CC BY 3.0)"]}, raw)
