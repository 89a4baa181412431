// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/figure_parts.h"

#include <QLabel>
#include <QScrollArea>

namespace app {

void makeFigureWords(std::initializer_list<QLabel*> labels)
{
    for (QLabel* label : labels) {
        label->setWordWrap(true);
        label->setContentsMargins(8, 0, 8, 0);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    }
}

QScrollArea* scrolledUpright(QWidget* figure, QWidget* parent)
{
    auto* scroll = new QScrollArea(parent);
    scroll->setWidget(figure);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->viewport()->setBackgroundRole(QPalette::Window);
    return scroll;
}

}  // namespace app
