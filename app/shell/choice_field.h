// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A knob with named positions: name, combo box, and what is wrong with it right below. A double-click on the name (or
// Ctrl+Backspace in the box) restores the default; layers that disagree show as "mixed". Where the positions are more
// than a list can show (a grammar), what is typed is completed and checked.

#include <QWidget>

#include <functional>
#include <vector>

class QComboBox;
class QLabel;

namespace app {

struct Choice {
    QString value; // as plans write it: "group:64"
    QString text;  // as people read it; empty: the value
    QString tip;   // meaning and source
};

class ChoiceField : public QWidget {
    Q_OBJECT
public:
    struct Spec {
        QString objectName, name, tip;
        std::vector<Choice> choices;
        QString defaultValue;
        /// What is wrong with a typed value; empty: nothing. Without it only the choices can be taken.
        std::function<QString(const QString&)> check = {};
        QStringList completions = {};  // values that typing completes to, beside the choices
        bool showsName = true;         // the name is always read to screen readers and on hover
    };

    explicit ChoiceField(const Spec& spec, QWidget* parent = nullptr);

    QString value() const; // empty: mixed
    /// Emits nothing. A value that is not among the choices joins them.
    void setValue(const QString& value);
    /// `words`: what is shown in place of a value, e.g. "mixed" or "pot4 + int4, by row".
    void setMixed(const QString& words);
    void setProblem(const QString& text);
    /// Why it does not apply: it is disabled and its tooltip says so; empty: it does.
    void setHindered(const QString& reason);

public slots:
    void restoreDefault();

signals:
    void chosen(const QString& value); // by the person

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void makeEditable(const Spec& spec);
    void takeTyped();
    void showProblem(const QString& text);

    QString m_default, m_value, m_tip;
    QString m_planProblem;  // what the plan says is wrong; what is typed may be wrong beside
    std::function<QString(const QString&)> m_check;
    QLabel* m_name = nullptr;
    QComboBox* m_box = nullptr;
    QLabel* m_problem = nullptr;
};

} // namespace app
