// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The pages of a dock under a row of buttons, one page in front.

#include <QString>
#include <QWidget>

class QButtonGroup;
class QHBoxLayout;
class QStackedWidget;

namespace app {

class PageSwitch : public QWidget {
    Q_OBJECT
public:
    explicit PageSwitch(const QString& accessibleName, QWidget* parent = nullptr);

    /// `name`: as --dock and the button's object name have it ("tile", "tilePageButton"). The first page stands in front.
    void addPage(const QString& name, const QString& words, const QString& tip, QWidget* page);
    /// False: no page of that name.
    bool showPage(const QString& name);
    void showPage(int index);
    int page() const;  // in the order they were added
    void setHeaderMargins(int left, int top, int right, int bottom);

private:
    QHBoxLayout* m_row = nullptr;
    QButtonGroup* m_buttons = nullptr;
    QStackedWidget* m_pages = nullptr;
};

}  // namespace app
