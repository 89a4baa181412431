// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Ten thousand samples as a wall of small pictures, each with its label and both networks' answers; a flipped or wrong
// one carries a sign and a word, not only a colour. Pictures are made when they come into sight.

#include "app/views/chart_style.h"

#include <QImage>
#include <QListView>

#include <cstdint>
#include <functional>

namespace app {

class SampleDelegate;
class SampleListModel;

/// One sample's fate in words and numbers.
struct SampleCard {
    std::int32_t sample = 0;                 // index in the split
    QString label, answer, referenceAnswer;  // class names; label empty: not known
    double margin = 0, referenceMargin = 0;  // top logit minus second
    bool wrong = false;                      // the polarized answer is not the label
    bool flipped = false;                    // the polarized answer is not the reference's
    QString pushedBy;                        // the layer that pushed it over; empty: not known
};

QString sampleVerdict(const SampleCard& card);  // "right", "wrong", "flipped to wrong", "flipped to right", "flipped"

class SampleGrid : public QListView {
    Q_OBJECT

public:
    /// Makes the picture of a sample (its index in the split) at a logical size and pixel ratio.
    using PictureOf = std::function<QImage(std::int32_t sample, QSize size, double pixelRatio)>;

    explicit SampleGrid(QWidget* parent = nullptr);

    void showSamples(std::vector<SampleCard> cards, PictureOf pictureOf);
    void clear();
    int sampleCount() const;
    const SampleCard& card(int row) const;
    void setPictureSize(QSize size);
    QSize pictureSize() const;
    void setEmptyHint(const QString& hint);
    NumberTable numbers() const;

signals:
    void sampleSelected(std::int32_t sample);
    void sampleActivated(std::int32_t sample);  // double click or Enter

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;
    void currentChanged(const QModelIndex& current, const QModelIndex& previous) override;

private:
    SampleListModel* m_model = nullptr;
    SampleDelegate* m_delegate = nullptr;
    QString m_hint;
    bool m_telling = true;  // false while samples are exchanged: that is not the person's choice
};

}  // namespace app
