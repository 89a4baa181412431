// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/sample_box.h"

#include <QCoreApplication>
#include <QSpinBox>

namespace app {
namespace {

constexpr int kFewestSamples = 1, kMostSamples = 1'000'000, kSampleStep = 100, kMostChips = 1000;

QString words(const char* text) { return QCoreApplication::translate("SampleBox", text); }

QSpinBox* makeBox(const char* objectName, const QString& accessibleName, const QString& tip, QWidget* parent)
{
    auto* box = new QSpinBox(parent);
    box->setObjectName(QString::fromLatin1(objectName));
    box->setAccessibleName(accessibleName);
    box->setToolTip(tip);
    return box;
}

}  // namespace

QSpinBox* makeSamplesBox(const char* objectName, const QString& tip, QWidget* parent)
{
    QSpinBox* box = makeBox(objectName, words("Samples to score"), tip, parent);
    box->setRange(kFewestSamples, kMostSamples);
    box->setSingleStep(kSampleStep);
    box->setGroupSeparatorShown(true);
    box->setSuffix(words(" samples"));
    return box;
}

QSpinBox* makeChipsBox(const char* objectName, const QString& tip, QWidget* parent)
{
    QSpinBox* box = makeBox(objectName, words("Chips to score"), tip, parent);
    box->setRange(1, kMostChips);
    box->setSuffix(words(" chips"));
    return box;
}

}  // namespace app
