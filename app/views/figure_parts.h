// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Parts that figures of words over bars are built of.

#include <initializer_list>

class QLabel;
class QScrollArea;
class QWidget;

namespace app {

/// Words above a figure: broken where they must be, a margin beside them, to be selected and copied.
void makeFigureWords(std::initializer_list<QLabel*> labels);

/// A figure as high as it likes, scrolled upright only, on the window's own ground.
QScrollArea* scrolledUpright(QWidget* figure, QWidget* parent);

}  // namespace app
