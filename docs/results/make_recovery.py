#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes docs/results/recovery.md: what recovery paths win back, network by network. Takes about 15 minutes.

Usage: docs/results/make_recovery.py [POLAR] (default build/release/bin/polar, from the project's folder)
"""
import json
import pathlib
import subprocess
import sys
import tempfile

POLAR = sys.argv[1] if len(sys.argv) > 1 else "build/release/bin/polar"
NETWORKS = [("mlp-mnist", "mnist"), ("lenet5-mnist", "mnist"), ("resnet8-photodigits", "photo-digits"), ("transformer-splice", "dna-splice")]
RANKS = [1, 4, 8, 16]
SAMPLES_OF_A_FIT = [16, 32, 64, 128, 256, 512, 1024]
ARRAY_SAMPLES = 2000      # arrays are scored on at most this many
CHIPS = 6


def digital(weights, scale="row", clip="absmax"):
    return {"weights": {"format": weights, "scale": scale, "clip": clip}, "activations": {"format": "int8"}}


def array(sigma, bits=0, converter_range="percentile:99.9"):
    return {"cim": {"array": {"rows": 64, "columns": 128}, "input_bits": 8, "weight_bits": 4, "adc": {"bits": bits, "range": converter_range},
                    "variation": {"model": "proportional", "sigma": sigma}}}


MAIN_PATHS = [("NF4, groups of 64", digital("nf4", "group:64")), ("INT4 rows", digital("int4")), ("INT3 rows", digital("int3")),
              ("INT2 rows, least squares", digital("int2", clip="mse")), ("array, sigma 0.1", array(0.1)), ("array, sigma 0.2", array(0.2)),
              ("array, sigma 0.4", array(0.4))]
FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="recovery"))


def recover(network, dataset, defaults, rank, **options):
    plan = FOLDER / "plan.json"
    plan.write_text(json.dumps({"schema": "polarizer.plan/1", "default": defaults}))
    command = [POLAR, "recover", network, dataset, "--plan", str(plan), "--rank", str(rank), "--json"]
    for name, value in options.items():
        command += ["--" + name.replace("_", "-"), str(value)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{done.stderr}")
    return json.loads(done.stdout)


def options_for(defaults):
    return {"samples": ARRAY_SAMPLES} if "cim" in defaults else {}


def logit_error(answer, when):
    """Relative L2 error of the network's last layer, from its signal over error in dB."""
    decibels = answer["layers"][-1][when + "_propagated_sqnr_db"]
    return 0.0 if decibels is None else 10 ** (-decibels / 20)


def figures(answer, when):
    return f"{100 * answer['top1_' + when]['value']:.2f} / {logit_error(answer, when):.3f}"


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def by_rank(network, dataset):
    rows, answers = [], {}
    for name, defaults in MAIN_PATHS:
        row = [name]
        for rank in RANKS:
            answer = recover(network, dataset, defaults, rank, **options_for(defaults))
            answers[name, rank] = answer
            if rank == RANKS[0]:
                row.append(figures(answer, "before"))
            row.append(figures(answer, "after"))
        rows.append(row)
    reference = 100 * answers[MAIN_PATHS[0][0], RANKS[0]]["reference_top1"]["value"]
    return reference, table(["main path", "rank 0"] + [f"rank {rank}" for rank in RANKS], rows), answers


def by_method(network, dataset):
    rows = []
    for method in ["svd", "lqer", "qera", "activation", "fisher"]:
        row = [method]
        for rank in RANKS:
            row.append(figures(recover(network, dataset, digital("int2", clip="mse"), rank, method=method), "after"))
        rows.append(row)
    return table(["method, INT2"] + [f"rank {rank}" for rank in RANKS], rows)


def by_samples(network, dataset, most):
    header, row = ["samples"], ["INT2, rank 8"]
    for samples in SAMPLES_OF_A_FIT:
        if samples <= most:
            header.append(str(samples))
            row.append(figures(recover(network, dataset, digital("int2", clip="mse"), 8, calibration=samples), "after"))
    return table(header, [row])


def transfer(network, dataset):
    rows = []
    for sigma in [0.2, 0.4]:
        row = [f"sigma {sigma}"]
        for device in ["own", "chip:1", "mean", "average:8"]:
            answer = recover(network, dataset, array(sigma), 8, fit_on=device, chips=CHIPS, samples=1000)
            others = answer["chips_after"]["top1"][1:]    # chips 2 and on: chip 1 is the one of chip:1
            if device == "own":
                bare = answer["chips_before"]["top1"][1:]
                row.append(f"{100 * sum(bare) / len(bare):.2f}")
            row.append(f"{100 * sum(others) / len(others):.2f}")
        rows.append(row)
    return table(["top 1 on other chips, rank 8", "no recovery", "fitted on each itself", "on chip 1", "on the ideal chip", "on 8 others"], rows), rows


def checks(network, dataset, answers):
    """What a faithful recovery does, each claim with the figures it was judged by."""
    rows = []

    def judge(claim, holds, words):
        rows.append([claim, "yes" if holds else "**no**", words])

    def top1(answer, when):
        return 100 * answer["top1_" + when]["value"]

    int2 = answers["INT2 rows, least squares", 8]
    reference = 100 * int2["reference_top1"]["value"]
    gain = top1(int2, "after") - top1(int2, "before")
    judge("INT2: rank 8 wins at least 5 points", gain >= 5, f"{gain:.2f}")
    judge("INT2: rank 8 ends within 1 point of FP32", top1(int2, "after") >= reference - 1, f"{top1(int2, 'after'):.2f} of {reference:.2f}")
    few = recover(network, dataset, digital("int2", clip="mse"), 8, calibration=32)
    many = recover(network, dataset, digital("int2", clip="mse"), 8, calibration=1024 if dataset != "photo-digits" else 1000)
    full_gain = top1(many, "after") - top1(many, "before")
    share = (top1(few, "after") - top1(few, "before")) / full_gain if full_gain > 0 else float("nan")
    judge("32 samples win 85 % of what about a thousand win", share >= 0.85, f"{100 * share:.1f} %")
    won = (logit_error(few, "before") - logit_error(few, "after")) / (logit_error(many, "before") - logit_error(many, "after"))
    judge("and 90 % of the error's reduction", won >= 0.9, f"{100 * won:.1f} %")
    ideal = answers["array, sigma 0.4", 8]
    judge("array, sigma 0.4, ideal converter: rank 8 within 1 point of FP32", top1(ideal, "after") >= 100 * ideal["reference_top1"]["value"] - 1,
          f"{top1(ideal, 'after'):.2f} of {100 * ideal['reference_top1']['value']:.2f}, {top1(ideal, 'before'):.2f} before")
    coarse = recover(network, dataset, array(0.4, 3, "full"), 8, samples=ARRAY_SAMPLES)
    judge("with a 3-bit full-scale converter it stays below 90 %", top1(coarse, "after") < 90, f"{top1(coarse, 'after'):.2f}")
    full = recover(network, dataset, array(0.1, 4, "full"), 1, samples=ARRAY_SAMPLES)
    calibrated = recover(network, dataset, array(0.1, 4), 1, samples=ARRAY_SAMPLES)
    step = top1(calibrated, "before") - top1(full, "before")
    judge("4-bit converter, sigma 0.1, rank 0: a calibrated range wins 15 points over full scale", step >= 15,
          f"{top1(full, 'before'):.2f} to {top1(calibrated, 'before'):.2f}")
    return table(["claim", "holds", "figures"], rows)


def main():
    text = """# What recovery wins back

Made by `docs/results/make_recovery.py`; every figure is one run of `polar recover` on the test split, paths fitted to 64 samples of the
train split by the method `activation` unless the table says otherwise, in fp32, reading exact inputs. Each cell is top 1 in percent / relative
L2 error of the last layer's output. Arrays: 64 rows, W4A8, differential pairs, ideal converters, chip 1, at most %d test samples.
A layer takes at most as much rank as it has rows or columns; at rank 16 a ten-class output layer is corrected in full.

How to read it. Static errors - rounding of weights, cells that differ - are nearly all won back by rank 8. Low rank does not help where the
error does not follow the input linearly: a coarse full-scale converter (last claims but one of each list) keeps its floor whatever the
rank, and a calibrated range does more than any path. It does not pay where little is lost to begin with (NF4 and INT4 on the larger
networks), and not on other chips than the one it was fitted on: there a foreign path is often worse than none, and averaging over chips or
fitting to the ideal chip helps little more than doing nothing. `polar compare-cost` tells whether the same bytes are better spent on bits.

""" % ARRAY_SAMPLES
    for network, dataset in NETWORKS:
        print(network, file=sys.stderr, flush=True)
        reference, ranks, answers = by_rank(network, dataset)
        moved, rows = transfer(network, dataset)
        text += f"## {network}\n\nFP32: {reference:.2f} %.\n\n{ranks}\n{by_method(network, dataset)}\n"
        text += f"{by_samples(network, dataset, 1000 if dataset == 'photo-digits' else 1024)}\n{moved}\n{checks(network, dataset, answers)}\n"
        worse = [row[0] for row in rows if float(row[3]) < float(row[1])]
        text += ("Paths fitted to chip 1 make other chips worse than none at " + " and ".join(worse) + ".\n\n") if worse else \
            "Paths fitted to chip 1 do not make other chips worse than none here.\n\n"
    pathlib.Path(__file__).with_name("recovery.md").write_text(text.rstrip() + "\n")


if __name__ == "__main__":
    main()
