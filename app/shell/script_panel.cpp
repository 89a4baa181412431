// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/script_panel.h"

#include "core/io/json_documents.h"

#include <nlohmann/json.hpp>

#include <QClipboard>
#include <QFileDialog>
#include <QFontDatabase>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSaveFile>
#include <QScrollBar>
#include <QVBoxLayout>

namespace app {

QString repeatingScript(const Exploration& exploration)
{
    if (!exploration.isOpen())
        return {};
    const QString plan = QString::fromStdString(core::planToJson(exploration.plan()).dump(1));
    return QStringLiteral("#!/bin/sh\nset -e\ncat > edited.plan.json <<'PLAN'\n%1\nPLAN\n%2\n")
        .arg(plan, exploration.evaluateCommand(QStringLiteral("edited.plan.json")));
}

ScriptPanel::ScriptPanel(Exploration& exploration, QWidget* parent) : QWidget(parent), m_exploration(exploration)
{
    setObjectName(QStringLiteral("scriptPanel"));
    m_text = new QPlainTextEdit(this);
    m_text->setObjectName(QStringLiteral("scriptText"));
    m_text->setAccessibleName(tr("Script"));
    m_text->setReadOnly(true);
    m_text->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_text->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_text->setPlaceholderText(tr("Every knob you turn is written here as the command or plan edit that repeats it."));
    auto* copyLog = new QPushButton(tr("Copy"), this);
    copyLog->setObjectName(QStringLiteral("copyScript"));
    copyLog->setToolTip(tr("Copy everything that is written here"));
    auto* copyShell = new QPushButton(tr("Copy as Shell Script"), this);
    copyShell->setObjectName(QStringLiteral("copyShellScript"));
    copyShell->setToolTip(tr("Copy a script with the present plan in it that repeats the evaluation without a window"));
    auto* saveShell = new QPushButton(tr("Save Script…"), this);
    saveShell->setObjectName(QStringLiteral("saveScript"));
    saveShell->setToolTip(tr("Save the log and the script that repeats the present evaluation"));

    auto* buttons = new QVBoxLayout;
    for (QPushButton* button : {copyLog, copyShell, saveShell})
        buttons->addWidget(button);
    buttons->addStretch(1);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(6, 4, 6, 4);
    layout->addWidget(m_text, 1);
    layout->addLayout(buttons);

    const auto mark = [this] {
        m_stale = true;
        if (isVisible())
            freshen();
    };
    connect(&exploration.script(), &ScriptLog::appended, this, mark);
    connect(&exploration.script(), &ScriptLog::lastChanged, this, mark);
    connect(copyLog, &QPushButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(m_exploration.script().text()); });
    connect(copyShell, &QPushButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(repeatingScript(m_exploration)); });
    connect(saveShell, &QPushButton::clicked, this, &ScriptPanel::save);
}

void ScriptPanel::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    freshen();
}

void ScriptPanel::freshen()
{
    if (!std::exchange(m_stale, false))
        return;
    m_text->setPlainText(m_exploration.script().text());
    m_text->verticalScrollBar()->setValue(m_text->verticalScrollBar()->maximum());
}

void ScriptPanel::save()
{
    const QString path =
        QFileDialog::getSaveFileName(this, tr("Save Script"), QStringLiteral("exploration.sh"), tr("Shell scripts (*.sh)"));
    if (path.isEmpty())
        return;
    QSaveFile file(path);
    const QByteArray text =
        (repeatingScript(m_exploration) + QStringLiteral("\n# How it came about:\n") + m_exploration.script().text()).toUtf8();
    if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size() || !file.commit())
        m_exploration.tellProblem({path.toStdString(), "the script could not be written: " + file.errorString().toStdString()});
}

} // namespace app
