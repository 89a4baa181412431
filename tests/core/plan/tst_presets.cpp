// SPDX-License-Identifier: Apache-2.0
#include "core/plan/check.h"
#include "tests/core/plan/plan_cases.h"

#include <QtTest>

#include <set>

using namespace core;

class TestPresets : public QObject {
    Q_OBJECT

private slots:
    void everyPresetHasANameATitleAndASource();
    void everyPresetFitsASmallNetwork();
    void aMixtureKnowsItsLayers();
    void thePolarizedPresetIsWhatItsNameSays();
};

void TestPresets::everyPresetHasANameATitleAndASource()
{
    std::set<std::string> names;
    for (const PlanPreset& preset : planPresets()) {
        QVERIFY(names.insert(preset.name).second);
        QVERIFY2(!preset.title.empty() && !preset.source.empty(), preset.name.c_str());
        QCOMPARE(preset.plan.name, preset.title);
    }
    for (const char* wanted : {"fp32",
                               "npp-nf4-rank8",
                               "npp-int8",
                               "int2-rank8",
                               "cim-w4a8-rank8",
                               "rmsmp-65-30-5",
                               "sysmol-1-2-4",
                               "soniq-2-4",
                               "fixed-w4a4",
                               "int4-rows",
                               "w4a8",
                               "vs-quant-w4a8",
                               "multipoint-int2",
                               "daq-w4a4",
                               "apot4",
                               "mxfp4",
                               "mxfp8",
                               "mxint8",
                               "nvfp4",
                               "fp8-e4m3",
                               "fp8-e5m2",
                               "minifloat-e3m2",
                               "bf16",
                               "fp16",
                               "adaround-w4a8",
                               "dfq-w8a8",
                               "int2-corrected",
                               "sums-fp16",
                               "sums-fp8",
                               "sums-fp8-b8",
                               "sums-mixed",
                               "sums-mixed-static",
                               "w4a8-int16-wrap",
                               "w4a8-int16"})
        QVERIFY2(names.contains(wanted), wanted);
}

void TestPresets::everyPresetFitsASmallNetwork()
{
    for (const PlanPreset& preset : planPresets()) {
        const auto flaws = check(presetFor(preset, plan_cases::lenet()), plan_cases::lenet(), "any", "any");
        QVERIFY2(flaws.empty(), flaws.empty() ? "" : (preset.name + ": " + flaws.front().text()).c_str());
    }
}

void TestPresets::aMixtureKnowsItsLayers()
{
    const auto layers = plan_cases::lenet();
    int mixtures = 0;
    for (const PlanPreset& preset : planPresets()) {
        const PrecisionPlan plan = presetFor(preset, layers);
        mixtures += preset.mixture ? 1 : 0;
        QCOMPARE(plan == preset.plan, preset.mixture == nullptr);
        QVERIFY(presetFor(preset, layers) == plan);
        for (const WeightedLayer& layer : layers)
            QCOMPARE(resolve(plan, layer.name).weights.isUniform(), preset.mixture == nullptr);
    }
    QCOMPARE(mixtures, 3);
}

void TestPresets::thePolarizedPresetIsWhatItsNameSays()
{
    for (const PlanPreset& preset : planPresets())
        if (preset.name == "npp-nf4-rank8")
            QCOMPARE(treatmentText(resolve(preset.plan, "fc1")), std::string("nf4 group:64, activations int8, rank 8 fp16"));
        else if (preset.name == "int2-corrected")
            QCOMPARE(treatmentText(resolve(preset.plan, "fc1")), std::string("int2 row clip mse, activations int8, rounded adaptively, bias corrected"));
        else if (preset.name == "fp32")
            QVERIFY(resolve(preset.plan, "fc1").isExact());
}

QTEST_APPLESS_MAIN(TestPresets)
#include "tst_presets.moc"
