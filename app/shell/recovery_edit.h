// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the pages of the recovery dock share: how they edit recovery paths, and how they begin.

#include "app/exploration/exploration.h"

class QLabel;
class QTableView;
class QWidget;

namespace app {

using SurrogateChange = std::function<void(core::SurrogatePlan&)>;

/// A layer's recovery path; one of rank 0 where it has none.
core::SurrogatePlan surrogateOf(const core::LayerTreatment& treatment);

/// Edits the recovery path of every edited layer; one that has none gets the usual one, at rank 0, first.
void editSurrogate(Exploration& exploration, const QString& words, const SurrogateChange& change, Gesture gesture = {});

/// The line that names the layer a page is about, and the sentence of an empty page that says what to do.
QLabel* pageHeading(const QString& objectName, QWidget* parent);
/// A table of ways to choose from, a line each, as wide as its `widest` column makes it. A click on a column's head sorts by it,
/// another the other way, a third puts the lines back in their own order.
void makeChoiceTable(QTableView& table, int widest);
QLabel* pageHint(const QString& objectName, QWidget* parent);

}  // namespace app
