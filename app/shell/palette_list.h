// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The palette of treatments one paints with: each entry numbered, with its colour and pattern, its words and how many
// stripes take it; below, the fields of the one that is picked.

#include "core/formats/treatment.h"

#include <QWidget>

#include <cstdint>
#include <vector>

class QListWidget;
class QToolButton;

namespace app {

class ChoiceField;

struct PaletteEntry {
    core::Treatment treatment;
    std::int64_t taken = 0;  // stripes of this entry
};

/// "int4 group:64", "e4m3 row clip mse, 2 points".
QString treatmentWords(const core::Treatment& treatment);

class PaletteList : public QWidget {
    Q_OBJECT
public:
    explicit PaletteList(QWidget* parent = nullptr);

    /// Emits nothing; `picked` is the entry the brush has.
    void showEntries(const std::vector<PaletteEntry>& entries, int picked, const QString& stripes);
    int picked() const;
    int count() const;

public slots:
    void pick(int entry);  // out of range: nothing happens

signals:
    void entryPicked(int entry);
    void entryChanged(int entry, const core::Treatment& after);
    void addAsked();
    void removeAsked(int entry);

protected:
    void changeEvent(QEvent* event) override;

private:
    void makeFields();
    void showFields();
    void change(void (*apply)(core::Treatment&, const QString&), const QString& value);

    std::vector<PaletteEntry> m_entries;
    QListWidget* m_list = nullptr;
    QToolButton* m_add = nullptr;
    QToolButton* m_remove = nullptr;
    ChoiceField* m_format = nullptr;
    ChoiceField* m_scale = nullptr;
    ChoiceField* m_clip = nullptr;
    ChoiceField* m_points = nullptr;
};

}  // namespace app
