#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the price tables beside this file: 45nm, 28nm-cim, 7nm, 65nm-cim.

What is published stands here as published; what is computed from it is computed here, and its source says how.
Run it in this folder: python3 make_tables.py
"""
import json
import math

HOROWITZ = "Horowitz, ISSCC 2014, 45 nm, 0.9 V"
JOUPPI = "Jouppi et al., ISCA 2021, table 2, 7 nm"
ALADDIN = "Aladdin, 40 nm"
BETWEEN = "between 45 nm (Horowitz, ISSCC 2014) and 7 nm (Jouppi et al., ISCA 2021) by the logarithm of the node"
ACCELERGY = "Accelergy ADC model at up to 100 MS/s"
ADC_SPREAD = 3.7
ZIGZAG_RANGE = "; range: as wide as the Accelergy model's; at 0.85 V it is 2.9 times too cheap beside the converter of Jia, JSSC 2020, 65 nm, and at 1.0 V 3.1 times beside that of Wang, VLSI 2022, 22 nm"
ADC_RANGE = "; range: beside the converters of two published macros the model is 3.6 times too dear (at 65 nm: Jia, JSSC 2020) and 3.1 times too cheap (at 22 nm: Wang, VLSI 2022)"
KB = 8192

# Stillmaker and Baas, Integration 58, 2017: energy ~ a V^2 + b V + c.
NODES = {65: (3.755, -4.398, 1.975), 45: (1.103, -0.362, 0.2767), 32: (0.9559, -0.7823, 0.471), 20: (0.373, -0.1582, 0.04104)}


def inverter(node, volts):
    if node in NODES:
        a, b, c = NODES[node]
        return (a * volts + b) * volts + c
    larger, smaller = min(n for n in NODES if n > node), max(n for n in NODES if n < node)
    share = (larger - node) / (larger - smaller)
    return inverter(larger, volts) * (1 - share) + inverter(smaller, volts) * share


def between_nodes(node, larger, smaller, above, below):
    """From prices at a larger and a smaller node, by the logarithm of the node."""
    share = math.log(larger / node) / math.log(larger / smaller)
    return math.exp(math.log(above) * (1 - share) + math.log(below) * share)


def rounded(value):
    return float(f"{value:.5g}")


def price(operation, bits, value, source, confidence, kind=None, ends=None, node=None):
    entry = {"operation": operation}
    if kind:
        entry["kind"] = kind
    unit, scale = ("pJ", 1) if value >= 0.001 or value == 0 else ("fJ", 1000)
    entry |= {"bits": bits, "value": rounded(value * scale), "unit": unit}
    if ends:
        low, high = rounded(ends[0] * scale), rounded(ends[1] * scale)
        entry["range"] = [min(low, entry["value"]), max(high, entry["value"])]
    entry |= {"source": source, "confidence": confidence}
    if node:
        entry["node_nm"] = node
    return entry


def write(name, title, node, volts, prices, device):
    head = {"schema": "polarizer.energy/1", "name": name, "title": title, "node_nm": node, "voltage": volts}
    lines = ",\n".join("    " + json.dumps(p) for p in prices)
    text = json.dumps(head, indent=2)[:-2] + ",\n"
    if device:
        text += '  "device": {\n' + ",\n".join(f"    {json.dumps(k)}: {json.dumps(v)}" for k, v in device.items()) + "\n  },\n"
    with open(name + ".json", "w") as file:
        file.write(text + '  "prices": [\n' + lines + "\n  ]\n}\n")


# ---- devices: what pays the prices; rates for estimates of time and area ---------------------------------------------------
AREAS_45 = "areas: 8-bit multiplier 282 and 32-bit adder 137 um^2 at 45 nm (Dally's lectures on efficient hardware), ADC as in the Accelergy model, 6T cell 0.346 um^2 doubled"
SMALL = "an assumed small accelerator: nobody's product, for comparing plans with one another; "


def device(title, clock, multipliers, lanes, kilobytes, bits, dram, converters, conversion, areas, source, confidence):
    names = ("multiplier", "converter", "array_cell", "memory_bit")
    return {"title": title, "clock_mhz": clock, "multipliers": multipliers, "function_lanes": lanes, "on_chip_kilobytes": kilobytes,
            "on_chip_bits_per_cycle": bits, "dram_gigabytes_per_second": dram, "converters": converters, "conversion_ns": conversion,
            "square_micrometres": dict(zip(names, (rounded(a) for a in areas))), "source": source, "confidence": confidence}


# Area of the same logic relative to 130 nm (Stillmaker and Baas 2017).
AREA = {65: 0.23, 45: 0.16, 32: 0.072, 20: 0.033, 7: 0.0092}
AREA[28] = math.exp(math.log(AREA[32]) * (28 - 20) / 12 + math.log(AREA[20]) * (32 - 28) / 12)


def areas(node, converter, cell):
    scale = AREA[node] / AREA[45]
    return ((282 + 137) * scale, converter, cell, 2 * 0.346 * scale)


SMALL_45 = device("small accelerator: 256 8-bit multipliers at 200 MHz, 16 converters", 200, 256, 32, 1024, 1024, 12.8, 16, 10,
                  areas(45, 6000, 0.69), SMALL + AREAS_45, "estimated")
SMALL_28 = device("small accelerator: 256 8-bit multipliers at 400 MHz, 128 converters", 400, 256, 32, 1024, 1024, 12.8, 128, 10,
                  areas(28, 10 ** (-0.0369 * 8 + 1.206) * 2**8, 0.35), SMALL + AREAS_45 + ", scaled by node; converter: ZigZag's area fit", "estimated")
SMALL_65 = device("small accelerator: 256 8-bit multipliers at 100 MHz, 256 converters", 100, 256, 32, 1024, 1024, 12.8, 256, 1350,
                  areas(65, 0.497e6 / 256, 2.91e6 / 2304 / 256),
                  SMALL + AREAS_45 + ", scaled by node; converters 0.497 and cells 2.91 mm^2 of Jia, JSSC 2020, whose 0.874 TOPS of 1 bit set the time of a conversion",
                  "estimated")
TPU_V4I = device("TPU v4i: 65,536 multipliers at 1.05 GHz", 1050, 65536, 4096, 128 * 1024, 65536, 614, 0, 0, areas(7, 370, 0.05),
                 "Jouppi et al., ISCA 2021: four 128 x 128 arrays, 1.05 GHz, 128 MB, 614 GB/s; lanes and on-chip width assumed; " + AREAS_45 + ", scaled by node", "recalled")

# ---- 45 nm -------------------------------------------------------------------------------------------------------------
ADDERS_45 = {("integer", 8): 0.03, ("integer", 16): 0.05, ("integer", 32): 0.1, ("float", 16): 0.4, ("float", 32): 0.9}
MULTIPLIERS_45 = {("integer", 8): 0.2, ("integer", 32): 3.1, ("float", 16): 1.1, ("float", 32): 3.7}
SRAM_45 = {8: (10, "measured"), 32: (20, "recalled"), 1024: (100, "recalled")}   # pJ a 64-bit access
COMPARE_40, LOOKUP_40 = 0.029, 16 * 0.009                                        # Aladdin, 40 nm; its supply is not told
ADDER_SPREAD, MULTIPLIER_SPREAD = 0.21 / 0.1, 12.68 / 3.1                        # Aladdin beside Horowitz, 32 bits


# bf16 at 7 nm, beside fp16's 0.16 and 0.34; nothing is published at 45 nm.
BF16_7 = {"add": 0.11, "multiply": 0.21}
FP16_7 = {"add": 0.16, "multiply": 0.34}
FP16_45 = {"add": ADDERS_45["float", 16], "multiply": MULTIPLIERS_45["float", 16]}
BF16_45 = {operation: FP16_45[operation] * BF16_7[operation] / FP16_7[operation] for operation in BF16_7}


def bf16_45():
    return [price(operation, 16, BF16_45[operation],
                  f"fp16's {FP16_45[operation]} pJ of {HOROWITZ}, times {BF16_7[operation]} / {FP16_7[operation]}, bf16 beside fp16 in {JOUPPI}; none is published at 45 nm",
                  "estimated", "bfloat") for operation in BF16_7]


def digital_45():
    prices = []
    for (kind, bits), value in ADDERS_45.items():
        if kind == "integer":
            prices.append(price("add", bits, value, f"{HOROWITZ}; range up to {ALADDIN}, where a 32-bit adder takes 0.21 pJ", "measured", kind,
                                (value / 1.25, value * ADDER_SPREAD)))
        else:
            prices.append(price("add", bits, value, HOROWITZ, "measured", kind))
    prices.append(price("add", 8, 0.2, "esim energy database, labelled an estimate there", "estimated", "float"))
    for (kind, bits), value in MULTIPLIERS_45.items():
        if kind == "integer":
            prices.append(price("multiply", bits, value, f"{HOROWITZ}; range up to {ALADDIN}, where a 32-bit multiplier takes 12.68 pJ", "measured", kind,
                                (value / 1.25, value * MULTIPLIER_SPREAD)))
        else:
            prices.append(price("multiply", bits, value, HOROWITZ, "measured", kind))
    prices.append(price("multiply", 8, 0.4, "esim energy database, labelled an estimate there", "estimated", "float"))
    prices += bf16_45()
    prices.append(price("shift", 4, 0.2 / 4 / 3, f"one third of a 4 x 4-bit multiplier, which is a quarter of 8 x 8 bits in {HOROWITZ}", "estimated"))
    prices.append(price("compare", 32, COMPARE_40, "Aladdin, 40 nm, 32-bit comparator", "measured", "integer", node=40))
    prices.append(price("lookup", 16, LOOKUP_40, "16 register bits of 0.009 pJ, Aladdin, 40 nm", "model", node=40))
    return prices


ACCELERGY_65 = {4: 3.50, 5: 3.55, 6: 4.04, 7: 4.97, 8: 6.49, 10: 12.5}
ACCELERGY_32 = {4: 0.92, 5: 0.94, 6: 1.07, 7: 1.31, 8: 1.71, 10: 3.31}
ACCELERGY_7 = {4: 0.053, 5: 0.054, 6: 0.061, 7: 0.075, 8: 0.098, 10: 0.19}

prices = digital_45()
for bits in ACCELERGY_65:
    value = between_nodes(45, 65, 32, ACCELERGY_65[bits], ACCELERGY_32[bits])
    prices.append(price("adc", bits, value, f"{ACCELERGY}, between its 65 and 32 nm figures by the logarithm of the node{ADC_RANGE}", "model",
                        ends=(value / ADC_SPREAD, value * ADC_SPREAD)))
ONE_BIT_DAC = price("dac", 1, 0.0, "ZigZag: one bit needs no converter; its line is part of the array cell", "model")
prices.append(ONE_BIT_DAC)
prices.append(price("dac", 8, 0.291, "BRAHMS 8-bit DAC, 40 nm", "measured", node=40))
prices.append(price("array-cell", 1, 0.35e-3 * 45 / 28 * 0.81 * 2, "word and bit line of 0.5625 fF a cell, 0.35 fF at 28 nm scaled by the node, at 0.9 V, ZigZag",
                    "model"))
for kilobytes, (picojoules, confidence) in SRAM_45.items():
    size = f"{kilobytes} KB" if kilobytes < 1024 else "1 MB"
    prices.append(price("sram", kilobytes * KB, picojoules / 64, f"{picojoules} pJ a 64-bit access of {size}; {HOROWITZ}", confidence))
DRAM_45 = price("dram", 2**33, 1300 / 64, f"1300 pJ a 64-bit access, DDR3, the low end of 1300 to 2600; {HOROWITZ}", "recalled", ends=(1300 / 64, 2600 / 64))
prices.append(DRAM_45)
write("45nm", "45 nm, 0.9 V (Horowitz, ISSCC 2014)", 45, 0.9, prices, SMALL_45)

# ---- 7 nm --------------------------------------------------------------------------------------------------------------
ADDERS_7 = {("integer", 8): (0.007, "measured"), ("integer", 32): (0.03, "recalled"), ("float", 16): (0.16, "recalled"), ("float", 32): (0.38, "recalled")}
MULTIPLIERS_7 = {("integer", 8): (0.07, "recalled"), ("integer", 32): (1.48, "recalled"), ("float", 16): (0.34, "measured"), ("float", 32): (1.31, "measured")}
SRAM_7 = {8: 7.5, 32: 8.5, 1024: 14}
MULTIPLIER_40 = between_nodes(40, 45, 7, 0.2, 0.07)
prices = [price("add", bits, value, JOUPPI, confidence, kind) for (kind, bits), (value, confidence) in ADDERS_7.items()]
prices += [price("multiply", bits, value, JOUPPI, confidence, kind) for (kind, bits), (value, confidence) in MULTIPLIERS_7.items()]
prices += [price(operation, 16, value, JOUPPI, "recalled", "bfloat") for operation, value in BF16_7.items()]
prices.append(price("shift", 4, 0.07 / 4 / 3, f"one third of a 4 x 4-bit multiplier, which is a quarter of 8 x 8 bits in {JOUPPI}", "estimated"))
prices.append(price("compare", 32, 0.03, f"as a 32-bit integer addition; {JOUPPI}", "model", "integer"))
prices.append(price("lookup", 16, LOOKUP_40 * 0.07 / MULTIPLIER_40, f"16 register bits of 0.009 pJ, Aladdin, 40 nm, scaled as an 8-bit multiplier from 40 nm ({MULTIPLIER_40:.3f} pJ, {BETWEEN}) to 7 nm", "model"))
for bits, value in ACCELERGY_7.items():
    prices.append(price("adc", bits, value, f"{ACCELERGY}; its 7 nm figures are extrapolated{ADC_RANGE}", "model", ends=(value / ADC_SPREAD, value * ADC_SPREAD)))
prices.append(ONE_BIT_DAC)
prices.append(price("dac", 8, 0.05 * 8 * 0.75**2, "50 fJ x bits x Vdd^2 at 0.75 V, ZigZag", "model"))
prices.append(price("array-cell", 1, 0.35e-3 * 7 / 28 * 0.75**2 * 2, "word and bit line of 0.0875 fF a cell, 0.35 fF at 28 nm scaled by the node, at 0.75 V, ZigZag",
                    "model"))
for kilobytes, picojoules in SRAM_7.items():
    size = f"{kilobytes} KB" if kilobytes < 1024 else "1 MB"
    prices.append(price("sram", kilobytes * KB, picojoules / 64, f"{picojoules} pJ a 64-bit access of {size}; {JOUPPI}", "recalled"))
prices.append(price("dram", 2**33, 350 / 64, f"350 pJ a 64-bit access, HBM2, in the middle of 250 to 450; range up to DDR4, 1300; {JOUPPI}", "recalled",
                    ends=(250 / 64, 1300 / 64)))
write("7nm", "7 nm (TPU v4i: Jouppi et al., ISCA 2021)", 7, 0.75, prices, TPU_V4I)

# ---- 28 nm with analog arrays -------------------------------------------------------------------------------------------
STILLMAKER_28 = inverter(28, 0.9) / inverter(45, 0.9)


def at_28(at_45, at_7):
    return between_nodes(28, 45, 7, at_45, at_7)


def ends_28(at_45, at_7, spread=1.0):
    """From the scaled price to the upper end of the 45 nm table: no surer than what it comes from."""
    return (min(STILLMAKER_28 * at_45, at_28(at_45, at_7)), at_45 * spread)


RANGE_28 = "; range: 45 nm scaled by Stillmaker and Baas 2017, and the upper end at 45 nm"
prices = []
for (kind, bits), (value, _) in ADDERS_7.items():
    prices.append(price("add", bits, at_28(ADDERS_45[kind, bits], value), BETWEEN + RANGE_28, "model", kind, ends_28(ADDERS_45[kind, bits], value, ADDER_SPREAD if kind == "integer" else 1.25)))
for (kind, bits), (value, _) in MULTIPLIERS_7.items():
    prices.append(price("multiply", bits, at_28(MULTIPLIERS_45[kind, bits], value), BETWEEN + RANGE_28, "model", kind,
                        ends_28(MULTIPLIERS_45[kind, bits], value, MULTIPLIER_SPREAD if kind == "integer" else 1.25)))
for operation in BF16_7:
    prices.append(price(operation, 16, at_28(BF16_45[operation], BF16_7[operation]),
                        "between fp16's at 45 nm (Horowitz, ISSCC 2014) times bf16 beside fp16 at 7 nm, and bf16 at 7 nm (Jouppi et al., ISCA 2021), by the logarithm of the node",
                        "estimated", "bfloat"))
prices.append(price("shift", 4, at_28(0.2, 0.07) / 12, f"one third of a 4 x 4-bit multiplier, which is a quarter of 8 x 8 bits {BETWEEN}", "estimated"))
prices.append(price("compare", 32, between_nodes(28, 40, 7, COMPARE_40, 0.03), "between a 32-bit comparator at 40 nm (Aladdin, 0.029 pJ) and a 32-bit adder at 7 nm (Jouppi et al., ISCA 2021, 0.03 pJ) by the logarithm of the node", "model", "integer"))
prices.append(price("lookup", 16, LOOKUP_40 * at_28(0.2, 0.07) / MULTIPLIER_40, "16 register bits of 0.009 pJ, Aladdin, 40 nm, scaled as an 8-bit multiplier from 40 to 28 nm, both "
                    + BETWEEN, "model"))
for bits in range(1, 13):
    value = (100 * bits + 0.001 * 4**bits) * 0.81 / 1000
    prices.append(price("adc", bits, value, f"(100 b + 0.001 x 4^b) x Vdd^2 fJ at 0.9 V, ZigZag's fit, validated there on three 28 nm macros{ZIGZAG_RANGE}", "model",
                        ends=(value / ADC_SPREAD, value * ADC_SPREAD)))
prices.append(ONE_BIT_DAC)
prices.append(price("dac", 8, 0.05 * 8 * 0.81, "50 fJ x bits x Vdd^2 at 0.9 V, ZigZag", "model"))
prices.append(price("array-cell", 1, 0.35e-3 * 0.81 * 2, "word and bit line of 0.35 fF a cell at 0.9 V, ZigZag", "model"))
for kilobytes in SRAM_45:
    size = f"{kilobytes} KB" if kilobytes < 1024 else "1 MB"
    large, small = SRAM_45[kilobytes][0] / 64, SRAM_7[kilobytes] / 64
    prices.append(price("sram", kilobytes * KB, at_28(large, small), f"64-bit access of {size}, {BETWEEN}{RANGE_28}", "model", ends=ends_28(large, small)))
prices.append(price("dram", 2**33, 1300 / 64, f"1300 pJ a 64-bit access, DDR4; {JOUPPI}", "recalled"))
write("28nm-cim", "28 nm, 0.9 V, with analog arrays (ZigZag's fits)", 28, 0.9, prices, SMALL_28)

# ---- 65 nm: a measured macro --------------------------------------------------------------------------------------------
JIA = "Jia et al., JSSC 2020, 65 nm, 0.85 V"


def scaled_65(entry):
    """A digital price from its own node; a range of its own stays, but is no narrower than a model's."""
    node = entry.get("node_nm", 45)
    scale = inverter(65, 0.85) / inverter(node, 0.9) * (1 if entry["unit"] == "pJ" else 1e-3)
    supply = "0.9 V" if node == 45 else "0.9 V taken for its supply"
    source = f"{entry['source']}; times {scale:.4g} from {node} nm, {supply} (Stillmaker and Baas 2017)"
    ends = None
    if "range" in entry:
        ends = [scale * end(own, entry["value"] * by) for end, own, by in zip((min, max), entry["range"], (0.5, 2))]
    confidence = "estimated" if entry["confidence"] == "estimated" else "model"
    return price(entry["operation"], entry["bits"], entry["value"] * scale, source, confidence, entry.get("kind"), ends)


prices = [scaled_65(entry) for entry in digital_45()]
prices.append(price("adc", 8, 1.79, f"{JIA}: a conversion of one column, as quoted in CiMLoop's reference tests", "measured"))
prices.append(ONE_BIT_DAC)
prices.append(price("dac", 8, 0.05 * 8 * 0.85**2, "50 fJ x bits x Vdd^2 at 0.85 V, ZigZag", "model"))
prices.append(price("array-cell", 1, 9.7 / 2304, f"{JIA}: 9.7 pJ a column of 2304 cells, drivers included, as quoted in CiMLoop's reference tests", "measured"))
for kilobytes, (picojoules, confidence) in SRAM_45.items():
    size = f"{kilobytes} KB" if kilobytes < 1024 else "1 MB"
    prices.append(scaled_65(price("sram", kilobytes * KB, picojoules / 64, f"{picojoules} pJ a 64-bit access of {size}; {HOROWITZ}", confidence)))
prices.append(DRAM_45)
write("65nm-cim", "65 nm, 0.85 V, a measured charge-domain macro (Jia, JSSC 2020)", 65, 0.85, prices, SMALL_65)
