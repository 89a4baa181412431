// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The recovery dock: a row of buttons over its pages. Rank: how much of the error the path wins back. Methods: how else it
// could be fitted. Correct: what needs no path. Sample: what it does to one sample. Cost: what else it could be spent on.

#include <QWidget>

namespace app {

class Exploration;
class PageSwitch;
class RecoveryStudy;

class RecoveryPanel : public QWidget {
    Q_OBJECT
public:
    enum class Page { Rank, Methods, Correct, Sample, Cost };
    struct PageWord {
        Page page;
        QString name, words, tip; // "methods", "Methods", what it answers
    };

    explicit RecoveryPanel(Exploration& exploration, QWidget* parent = nullptr);

    /// The pages in their order.
    static std::vector<PageWord> pages();
    Page page() const;
    void setPage(Page page);
    RecoveryStudy& study() { return *m_study; }

private:
    QWidget* makePage(Page page, Exploration& exploration);

    RecoveryStudy* m_study = nullptr;
    PageSwitch* m_switch = nullptr;
};

} // namespace app
