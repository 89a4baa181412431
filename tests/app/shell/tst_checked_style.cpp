// SPDX-License-Identifier: Apache-2.0
#include "app/shell/theme.h"

#include <QImage>
#include <QPushButton>
#include <QTest>
#include <QToolButton>

#include <cmath>

using namespace app;

namespace {

/// Relative luminance and contrast, WCAG 2.1.
double luminance(const QColor& colour)
{
    const auto part = [](double c) { return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); };
    return 0.2126 * part(colour.redF()) + 0.7152 * part(colour.greenF()) + 0.0722 * part(colour.blueF());
}

double contrast(const QColor& a, const QColor& b)
{
    const double x = luminance(a), y = luminance(b);
    return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}

template <class Button>
QImage pictureOf(bool on)
{
    Button button;
    button.setText(QStringLiteral("Graph"));
    button.setCheckable(true);
    button.setChecked(on);
    button.resize(80, 28);
    return button.grab().toImage();
}

}  // namespace

class TestCheckedStyle : public QObject {
    Q_OBJECT
private slots:
    void aSwitchedOnButtonHasABarThatStandsOut_data()
    {
        QTest::addColumn<bool>("dark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }
    void aSwitchedOnButtonHasABarThatStandsOut()
    {
        QFETCH(bool, dark);
        applyTheme(dark ? Theme::Dark : Theme::Light);
        for (const auto& [on, off] : {std::pair(pictureOf<QToolButton>(true), pictureOf<QToolButton>(false)),
                                      std::pair(pictureOf<QPushButton>(true), pictureOf<QPushButton>(false))}) {
            const QPoint foot(on.width() / 2, on.height() - 3);
            // A form that is there or not, and 3 : 1 against the same button switched off (WCAG 2.1, 1.4.11).
            QVERIFY2(contrast(on.pixelColor(foot), off.pixelColor(foot)) >= 3.0,
                     qPrintable(QString::number(contrast(on.pixelColor(foot), off.pixelColor(foot)))));
        }
    }
};

QTEST_MAIN(TestCheckedStyle)
#include "tst_checked_style.moc"
