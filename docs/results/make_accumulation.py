#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes docs/results/accumulation.md: what running sums in few bits cost and what mixing formats wins back, network by network.

Usage: docs/results/make_accumulation.py [POLAR] [SAMPLES] (default build/release/bin/polar and all, from the project's folder)
"""
import json
import pathlib
import subprocess
import sys
import tempfile

POLAR = sys.argv[1] if len(sys.argv) > 1 else "build/release/bin/polar"
SAMPLES = sys.argv[2] if len(sys.argv) > 2 else "0"
NETWORKS = [("mlp784-mnist", "mnist"), ("mlp784tanh-mnist", "mnist"), ("mlp-mnist", "mnist"), ("lenet5-mnist", "mnist"),
            ("lenet5-fashion", "fashion-mnist")]
TOLERANCES = [1, 0.5, 0.3, 0.1, 0.03]
FULL_TOLERANCES = [50, 20, 10, 5]
STATIC_SHARES = [0.1, 0.2, 0.4, 0.6]
WIDTHS = [10, 12, 14, 16, 18]
LOW, HIGH = "e4m3ieee", "fp16"
FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="accumulation"))


def evaluate(network, dataset, defaults):
    plan = FOLDER / "plan.json"
    plan.write_text(json.dumps({"schema": "polarizer.plan/1", "default": defaults}))
    command = [POLAR, "evaluate", network, dataset, "--plan", str(plan), "--samples", SAMPLES, "--json"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{done.stderr}")
    return json.loads(done.stdout)


def weights(network):
    """The networks of 784 hold 8-bit floats already; the others' weights are rounded to them, scaled by layer."""
    return {} if network.startswith("mlp784") else {"weights": {"format": LOW, "scale": "tensor"}}


def sums(network, form, block=0, **more):
    accumulator = {"format": form, "product": "fused", **more}
    if block:
        accumulator["block"] = block
    return {**weights(network), "accumulator": accumulator}


def mixed(network, block, **more):
    accumulator = {"mixed": {"low": LOW, "high": HIGH, **more}}
    if block:
        accumulator["block"] = block
    return {**weights(network), "accumulator": accumulator}


def logit_error(report):
    """Relative L2 error of the last layer as it arrives, from its signal over error in dB."""
    decibels = report["layers"][-1]["propagated_sqnr_db"]
    return 0.0 if decibels is None else 10 ** (-decibels / 20)


def top1(report):
    return 100 * report["top1"]["value"]


def share(report):
    """The fraction of all inner products that were taken again."""
    counts = [(layer["recomputed_fraction"], layer["macs"] / layer["columns"]) for layer in report["layers"]]
    return sum(fraction * count for fraction, count in counts) / sum(count for _, count in counts)


def cell(report, has_share=False):
    text = f"{top1(report):.2f} / {logit_error(report):.4f}"
    return text + (f" / {share(report):.3f}" if has_share else "")


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + " --- |" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def by_tolerance(network, dataset, answers):
    rows = []
    for name, block in [("one chain", 0), ("blocks of 8", 8)]:
        low, high = evaluate(network, dataset, sums(network, LOW, block)), evaluate(network, dataset, sums(network, HIGH, block))
        answers[block, "low"], answers[block, "high"] = low, high
        row = [name, cell(low), cell(high)]
        for tolerance in TOLERANCES:
            answers[block, tolerance] = evaluate(network, dataset, mixed(network, block, tolerance=tolerance))
            row.append(cell(answers[block, tolerance], True))
        rows.append(row)
    return table(["sum", "FP8", "FP16"] + [f"tau {tolerance}" for tolerance in TOLERANCES], rows)


def by_choice(network, dataset, answers):
    full = [evaluate(network, dataset, mixed(network, 0, tolerance=tolerance, condition="full")) for tolerance in FULL_TOLERANCES]
    static = [evaluate(network, dataset, mixed(network, 0, static=part)) for part in STATIC_SHARES]
    answers["static"] = static
    three = evaluate(network, dataset, mixed(network, 0, tolerance=0.1, middle={"format": "bf16", "tolerance": 1}))
    tiles = evaluate(network, dataset, mixed(network, 0, tolerance=0.1, tile=4))
    margin = evaluate(network, dataset, mixed(network, 0, tolerance=0.1, last="margin"))
    return (table(["condition with its numerator"] + [f"tau {tolerance}" for tolerance in FULL_TOLERANCES],
                  [["one chain"] + [cell(r, True) for r in full]]) + "\n" +
            table(["rows fixed in FP16"] + [f"{100 * part:.0f} %" for part in STATIC_SHARES],
                  [["one chain"] + [cell(r, True) for r in static]]) + "\n" +
            table(["tau 0.1, one chain", "bf16 up to 1, then FP16", "tiles of 4 rows", "last layer by its margin"],
                  [["", cell(three, True), cell(tiles, True), cell(margin, True)]]))


def by_order(network, dataset):
    kinds = [("one chain", sums(network, LOW)), ("blocks of 4", sums(network, LOW, 4)), ("blocks of 8", sums(network, LOW, 8)),
             ("blocks of 28", sums(network, LOW, 28)),
             ("pairwise", sums(network, LOW, product="fp32", order="pairwise")),
             ("Kahan", sums(network, LOW, order="kahan")), ("FABsum, blocks of 8 in fp32", sums(network, LOW, 8, combine="fp32")),
             ("by chance, 10 bits", sums(network, LOW, rounding="stochastic")),
             ("every product rounded", sums(network, LOW, product="rounded"))]
    return table(["FP8 sums", "top 1 / error"], [[name, cell(evaluate(network, dataset, plan))] for name, plan in kinds])


def by_width(network, dataset):
    rows = []
    for overflow in ["wrap", "saturate"]:
        row = [overflow]
        for bits in WIDTHS:
            plan = {"weights": {"format": "int4", "scale": "row"}, "activations": {"format": "int8"},
                    "accumulator": {"integer": {"bits": bits, "overflow": overflow}}}
            report = evaluate(network, dataset, plan)
            rate = max(layer["overflow_rate"] for layer in report["layers"])
            row.append(f"{top1(report):.2f} / {100 * rate:.2f} %")
            safe = max(layer["sums"]["safe_bits"]["most"] for layer in report["layers"])
        rows.append(row + [str(safe)])
    return table(["W4A8 sums"] + [f"{bits} bits" for bits in WIDTHS] + ["certified for all"], rows)


def by_layer(report, low):
    rows = []
    for layer, uniform in zip(report["layers"], low["layers"]):
        kappa, numbers = layer["kappa"], layer["sums"]
        correlation = uniform["sums"]["rank_correlation"]
        rows.append([layer["name"], f"{layer['recomputed_fraction']:.3f}", f"{kappa['median']:.1f}", f"{kappa['p90']:.0f}",
                     f"{kappa['p99']:.0f}", f"{numbers['n_u']:.1f}", "-" if correlation is None else f"{correlation:.2f}"])
    return table(["tau 0.1, one chain", "again", "kappa median", "90 %", "99 %", "n u", "rank correlation of kappa' and FP8's error"], rows)


def checks(network, answers):
    rows = []

    def judge(claim, holds, words):
        rows.append([claim, "yes" if holds else "**no**", words])

    low, high, best = answers[0, "low"], answers[0, "high"], answers[0, 0.1]
    rho = share(best)
    cost = 1 + 2 * rho
    if "tanh" in network:
        restoring = [(t, share(answers[0, t])) for t in TOLERANCES if top1(answers[0, t]) >= top1(high) - 0.1]
        words = f"tau {restoring[0][0]}, cost {1 + 2 * restoring[0][1]:.2f}" if restoring else "no tolerance restores it"
        judge("tanh: where FP16's accuracy comes back, the mixed sums cost more than FP16's 2",
              not restoring or 1 + 2 * restoring[0][1] > 2, words)
    else:
        judge("tau 0.1: at most 30 % taken again", rho <= 0.3, f"{100 * rho:.1f} %")
        judge("tau 0.1: within half a point of FP16", top1(best) >= top1(high) - 0.5, f"{top1(best):.2f} of {top1(high):.2f}")
        judge("tau 0.1: the logits' error falls fourfold from FP8's", logit_error(best) * 4 <= logit_error(low),
              f"{logit_error(low):.3f} to {logit_error(best):.3f}")
        four = [t for t in TOLERANCES if logit_error(answers[0, t]) * 4 <= logit_error(low) and share(answers[0, t]) <= 0.3 and
                top1(answers[0, t]) >= top1(high) - 0.5]
        judge("some tolerance has all three", bool(four),
              f"tau {four[0]}: {100 * share(answers[0, four[0]]):.1f} %, {top1(answers[0, four[0]]):.2f}, "
              f"{logit_error(answers[0, four[0]]):.3f}" if four else "none of those above")
        judge("tau 0.1: cost 1 + 2 rho below FP16's 2", cost < 2, f"{cost:.2f}")
        static = answers["static"][STATIC_SHARES.index(0.4)]
        judge("two fifths of the rows fixed (cost 1.4) err less than the dynamic rule", logit_error(static) < logit_error(best),
              f"{logit_error(static):.3f} at 1.40, {logit_error(best):.3f} at {cost:.2f}")
    ratio = logit_error(answers[8, "low"]) / logit_error(low)
    judge("blocks of 8 alone leave less than half of FP8's error", ratio < 0.5, f"{100 * ratio:.0f} % of it left")
    return table(["claim", "holds", "measured"], rows)


def section(network, dataset):
    answers = {}
    parts = [f"## {network}\n", "", by_tolerance(network, dataset, answers), by_choice(network, dataset, answers),
             by_order(network, dataset), by_layer(answers[0, 0.1], answers[0, "low"]), by_width(network, dataset), checks(network, answers)]
    parts[1] = f"FP32: {100 * answers[0, 'low']['reference_top1']['value']:.2f} %.\n"
    return "\n".join(parts)


INTRODUCTION = """# What running sums in few bits cost

Made by `docs/results/make_accumulation.py`; every figure is one run of `polar evaluate` on the test split. Sums are fused steps in
8-bit floats e4m3 that top out at 240, as in arXiv 2503.15568, and high precision is FP16; weights are 8-bit floats too (of the networks
of 784 units they are so by training, of the others by one scale a layer), activations stay fp32. Each cell is top 1 in percent / relative
L2 error of the last layer's output / fraction of all inner products taken again. A mixed sum costs 1 + 2 rho of an FP8 sum, a static
choice 1 + rho, FP16 2.
Where n u is above 1 the componentwise bound says nothing, and the rank correlation tells how well kappa' = kappa_phi / |v| orders the
errors.

"""


def main():
    target = pathlib.Path(__file__).resolve().parent / "accumulation.md"
    target.write_text(INTRODUCTION + "\n".join(section(*network) for network in NETWORKS))


if __name__ == "__main__":
    main()
