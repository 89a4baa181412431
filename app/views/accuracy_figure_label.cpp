// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/accuracy_figure_label.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace app {

namespace {

constexpr double kMargin = 8, kBarHeight = 6;
constexpr int kSideBySide = 560;  // logical pixels from which the words stand beside the figure

double shownAccuracy(const AccuracyFigure& figure) { return figure.chips.count > 1 ? figure.chips.mean : figure.top1.value(); }

/// "significant: what is" as a filled pill around the first word and words after it; not significant: hollow.
void drawBadge(QPainter& painter, const QRectF& line, const QString& text, const QPalette& palette)
{
    const qsizetype colon = text.indexOf(u':');
    const QString word = text.left(colon), rest = text.mid(colon + 1).trimmed();
    const QFontMetricsF metrics(painter.font());
    const QRectF pill(line.left(), line.top() + 1, metrics.horizontalAdvance(word) + metrics.height() * 0.8, line.height() - 2);
    const bool isFilled = !word.contains(u' ');
    const QColor ground = isFilled ? palette.color(QPalette::WindowText) : Qt::transparent;
    painter.setPen(QPen(isFilled ? ground : mutedText(palette), 1));
    painter.setBrush(ground);
    painter.drawRoundedRect(pill.adjusted(0.5, 0.5, -0.5, -0.5), pill.height() / 2, pill.height() / 2);
    painter.setPen(isFilled ? palette.color(QPalette::Window) : mutedText(palette));
    painter.drawText(pill, Qt::AlignCenter, word);
    painter.setPen(mutedText(palette));
    const QRectF words(pill.right() + 6, line.top(), line.right() - pill.right() - 6, line.height());
    painter.drawText(words, Qt::AlignLeft | Qt::AlignVCenter, metrics.elidedText(rest, Qt::ElideRight, words.width()));
}

QString rangeText(double low, double high) { return numberText(100 * low, 1) + QStringLiteral(" – ") + percentText(high); }

}  // namespace

AccuracyFigureLabel::AccuracyFigureLabel(QWidget* parent) : QWidget(parent)
{
    setObjectName(QStringLiteral("accuracyFigure"));
    setAccessibleName(tr("Accuracy"));
    QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void AccuracyFigureLabel::showFigure(const AccuracyFigure& figure)
{
    m_figure = figure;
    m_outdated = false;
    setAccessibleDescription((QStringList(figureText()) + detailLines()).join(QStringLiteral("; ")));
    updateGeometry();
    update();
}

void AccuracyFigureLabel::setOutdated(bool outdated)
{
    m_outdated = outdated;
    update();
}

QString AccuracyFigureLabel::figureText() const
{
    const QString text = percentText(shownAccuracy(m_figure));
    return looksPartial() ? QStringLiteral("≈") + QChar(QChar::Nbsp) + text : text;
}

QString AccuracyFigureLabel::intervalText() const
{
    if (m_figure.chips.count < 2)
        return tr("95 % interval %1").arg(rangeText(m_figure.top1.low(), m_figure.top1.high()));
    const QString mean = tr("mean of %1 chips").arg(countText(m_figure.chips.count));
    return m_figure.ofChips ? tr("%1 (95 %: %2)").arg(mean, rangeText(m_figure.ofChips->low, m_figure.ofChips->high)) : mean;
}

QString AccuracyFigureLabel::differenceText() const
{
    if (m_figure.reference.trials == 0)
        return tr("no reference yet");
    const double reference = m_figure.reference.value();
    const double difference = shownAccuracy(m_figure) - reference;
    const bool isSure = m_figure.toReference && m_figure.toReference->isSignificant();
    QString size = numberText(100 * std::abs(difference), 1);
    if (size == numberText(0, 1) && !isSure)
        return tr("no difference to the reference seen, %1").arg(percentText(reference));
    if (size == numberText(0, 1))
        size = numberText(100 * std::abs(difference), 2);
    return difference < 0 ? tr("▼ %1 points below the reference, %2").arg(size, percentText(reference))
                          : tr("▲ %1 points above the reference, %2").arg(size, percentText(reference));
}

QString AccuracyFigureLabel::sampleText() const
{
    const QString counted = tr("%1 of %2 samples").arg(countText(m_figure.samples), countText(m_figure.requested));
    return looksPartial() ? counted + tr(", still counting") : counted;
}

QString AccuracyFigureLabel::chipText() const
{
    if (m_figure.chips.count < 2)
        return {};
    return tr("chips from %1 to %2, the first %3")
        .arg(numberText(100 * m_figure.chips.min, 1), percentText(m_figure.chips.max), percentText(m_figure.top1.value()));
}

QStringList AccuracyFigureLabel::badgeTexts() const
{
    QStringList texts;
    const auto add = [&](const std::optional<core::PairedDifference>& difference, const QString& opponent) {
        if (!difference)
            return;
        texts << tr("%1: %2 to %3 points against %4")
                     .arg(difference->isSignificant() ? tr("significant") : tr("not significant"), signedPointsText(difference->low, 1),
                          signedPointsText(difference->high, 1), opponent);
    };
    add(m_figure.toReference, tr("the reference"));
    add(m_figure.toBefore, tr("the plan before"));
    return texts;
}

QStringList AccuracyFigureLabel::detailLines() const
{
    QStringList lines{differenceText()};
    lines += badgeTexts();
    lines << intervalText();
    if (const QString chips = chipText(); !chips.isEmpty())
        lines << chips;
    return lines << sampleText();
}

QFont AccuracyFigureLabel::wordsFont(int width) const
{
    QFont words = font();
    if (words.pointSizeF() > 0)
        words.setPointSizeF(words.pointSizeF() * std::clamp(width / 700.0, 1.0, 1.5));
    return words;
}

AccuracyFigureLabel::Arrangement AccuracyFigureLabel::arrange(int width) const
{
    const bool beside = width >= kSideBySide;
    const double figureWidth = beside ? 0.46 * width : width - 2 * kMargin;

    // The widest figure there is decides the size, so that it does not jump from estimate to estimate.
    QFont large = app::figureFont(font(), 1.0);
    const double unitWidth = QFontMetricsF(large).horizontalAdvance(QStringLiteral("≈ 100.0 %")) / QFontMetricsF(large).height();
    const double wanted = std::clamp(figureWidth / unitWidth, 30.0, 120.0);
    large.setPixelSize(std::max(12, static_cast<int>(wanted * 0.84)));

    const QFont words = wordsFont(width);
    const double lineHeight = QFontMetricsF(words).height() + 2;
    const double figureHeight = QFontMetricsF(large).ascent() * 1.12;
    const double detailsHeight = lineHeight * static_cast<double>(detailLines().size());
    Arrangement result{large, words, {}, {}, {}, 0};
    if (beside) {
        const double height = std::max(figureHeight, detailsHeight + kBarHeight);
        result.figure = QRectF(kMargin, kMargin, QFontMetricsF(large).horizontalAdvance(QStringLiteral("≈ 88.8 %")) + kMargin, height);
        const double left = result.figure.right() + 2 * kMargin;
        result.details = QRectF(left, kMargin + 0.5 * (height - detailsHeight - kBarHeight), width - left - kMargin, detailsHeight);
    } else {
        result.figure = QRectF(kMargin, kMargin, figureWidth, figureHeight);
        result.details = QRectF(kMargin, result.figure.bottom() + 2, width - 2 * kMargin, detailsHeight);
    }
    result.bar = QRectF(result.details.left(), result.details.bottom() + 2, std::min(result.details.width(), 320.0), kBarHeight);
    result.height = std::max(result.figure.bottom(), result.bar.bottom()) + kMargin;
    return result;
}

QSize AccuracyFigureLabel::sizeHint() const { return {420, heightForWidth(420)}; }

QSize AccuracyFigureLabel::minimumSizeHint() const { return {200, 100}; }

int AccuracyFigureLabel::heightForWidth(int width) const { return static_cast<int>(std::ceil(arrange(std::max(width, 120)).height)); }

void AccuracyFigureLabel::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const Arrangement at = arrange(width());

    painter.setFont(at.figureFont);
    painter.setPen(looksPartial() ? mutedText(palette()) : palette().color(QPalette::WindowText));
    painter.drawText(at.figure, Qt::AlignLeft | Qt::AlignVCenter, figureText());

    painter.setFont(at.wordsFont);
    const QFontMetricsF metrics(at.wordsFont);
    const double lineHeight = metrics.height() + 2;
    QRectF line(at.details.left(), at.details.top(), at.details.width(), lineHeight);
    const QStringList lines = detailLines();
    const qsizetype badges = badgeTexts().size();
    for (qsizetype i = 0; i < lines.size(); ++i) {
        QColor ink = i == 0 ? palette().color(QPalette::WindowText) : mutedText(palette());
        const bool mayBeLuck = m_figure.toReference && !m_figure.toReference->isSignificant();
        if (i == 0 && !mayBeLuck && lines[i].startsWith(u'▼'))
            ink = badColour(palette());
        if (i == 0 && !mayBeLuck && lines[i].startsWith(u'▲'))
            ink = goodColour(palette());
        painter.setPen(ink);
        if (i >= 1 && i <= badges)
            drawBadge(painter, line, lines[i], palette());
        else
            painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter, metrics.elidedText(lines[i], Qt::ElideRight, line.width()));
        line.translate(0, lineHeight);
    }

    const double share = m_figure.requested > 0 ? static_cast<double>(m_figure.samples) / static_cast<double>(m_figure.requested) : 0.0;
    QRectF done = at.bar;
    done.setWidth(at.bar.width() * std::clamp(share, 0.0, 1.0));
    painter.fillRect(at.bar, gridColour(palette()));
    painter.fillRect(done, looksPartial() ? QBrush(seriesColour(0, palette()), Qt::Dense4Pattern) : QBrush(seriesColour(0, palette())));
}

}  // namespace app
