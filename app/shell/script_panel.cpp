// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/script_panel.h"

#include "core/io/json_documents.h"

#include <nlohmann/json.hpp>

#include <QClipboard>
#include <QDir>
#include <QEvent>
#include <QFileDialog>
#include <QFontDatabase>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSaveFile>
#include <QScrollBar>
#include <QTextBlock>
#include <QVBoxLayout>

namespace app {
namespace {

const QColor kWarning(0xe6, 0x9f, 0x00); // readable under text in both themes, told apart by every kind of eye

} // namespace

QString repeatingScript(Exploration& exploration)
{
    if (!exploration.isOpen())
        return {};
    std::vector<ScriptEntry> repeat;
    if (exploration.plan() != core::PrecisionPlan{})
        repeat.push_back({ScriptEntry::Kind::Plan, QString::fromStdString(core::planToJson(exploration.plan()).dump(1)), {}});
    repeat.push_back({ScriptEntry::Kind::Command, commandText(exploration.evaluateCommand(kEditedPlan)), {}});
    return QStringLiteral("#!/bin/sh\nset -e\n") + scriptText(exploration.script().entries(), Commands::Commented) + scriptText(repeat);
}

ScriptPanel::ScriptPanel(Exploration& exploration, ScriptPlayer& player, QWidget* parent)
    : QWidget(parent), m_exploration(exploration), m_player(player)
{
    setObjectName(QStringLiteral("scriptPanel"));
    m_text = new QPlainTextEdit(this);
    m_text->setObjectName(QStringLiteral("scriptText"));
    m_text->setAccessibleName(tr("Script"));
    m_text->setReadOnly(true);
    m_text->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_text->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_text->setPlaceholderText(tr("Every knob you turn is written here as the command or plan edit that repeats it."));

    auto* buttons = new QVBoxLayout;
    const auto button = [&](const char* name, const QString& text, const QString& tip) {
        auto* made = new QPushButton(text, this);
        made->setObjectName(QString::fromLatin1(name));
        made->setToolTip(tip);
        buttons->addWidget(made);
        return made;
    };
    m_replay = button("replayScript", {}, tr("Do everything that is written here again, from FP32 throughout; Undo leads back"));
    QPushButton* file = button("replayScriptFile", tr("Replay File…"), tr("Replay a script that was saved"));
    QPushButton* copyLog = button("copyScript", tr("Copy"), tr("Copy everything that is written here"));
    QPushButton* copyShell = button("copyShellScript", tr("Copy as Shell Script"),
                                    tr("Copy a script with the present plan in it that repeats the evaluation without a window"));
    QPushButton* saveShell =
        button("saveScript", tr("Save Script…"), tr("Save the log and the script that repeats the present evaluation; it can be replayed"));
    buttons->setSpacing(3);
    buttons->addStretch(1);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(6, 4, 6, 4);
    layout->addWidget(m_text, 1);
    layout->addLayout(buttons);

    connect(&exploration.script(), &ScriptLog::appended, this, &ScriptPanel::mark);
    connect(&exploration.script(), &ScriptLog::lastChanged, this, &ScriptPanel::mark);
    connect(&player, &ScriptPlayer::progressed, this, &ScriptPanel::mark);
    connect(m_replay, &QPushButton::clicked, this, [this] { m_player.isPlaying() ? m_player.stop() : m_player.playAgain(); });
    connect(file, &QPushButton::clicked, this, &ScriptPanel::askForScript);
    connect(copyLog, &QPushButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(m_exploration.script().text()); });
    connect(copyShell, &QPushButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(repeatingScript(m_exploration)); });
    connect(saveShell, &QPushButton::clicked, this, &ScriptPanel::save);
    freshen();
}

void ScriptPanel::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    freshen();
}

void ScriptPanel::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_text)
        mark();
}

void ScriptPanel::mark()
{
    m_stale = true;
    if (isVisible())
        freshen();
}

void ScriptPanel::freshen()
{
    if (!std::exchange(m_stale, false))
        return;
    const QString done = m_exploration.script().text();
    const int lines = static_cast<int>(done.count(u'\n'));
    m_text->setPlainText(done + scriptText(m_player.waiting()));
    paintMarks(lines);
    const bool playing = m_player.isPlaying();
    m_replay->setText(playing ? tr("Stop Replay (%1 of %2)").arg(m_player.stepsDone()).arg(m_player.stepCount()) : tr("Replay"));
    m_replay->setEnabled(playing || !m_exploration.script().entries().empty());
    // The line under way, or the newest one, in sight.
    m_text->setTextCursor(QTextCursor(m_text->document()->findBlockByNumber(std::max(0, playing ? lines : lines - 1))));
    m_text->ensureCursorVisible();
    m_text->horizontalScrollBar()->setValue(0);
}

/// What is still to come is pale, the step under way stands on a band, and a line that was not repeated on another, with
/// its reason in words below it.
void ScriptPanel::paintMarks(int logLines)
{
    QList<QTextEdit::ExtraSelection> marks;
    const auto paint = [&](const QTextBlock& block, const QColor& text, const QColor& ground) {
        QTextEdit::ExtraSelection mark;
        mark.cursor = QTextCursor(block);
        mark.cursor.movePosition(QTextCursor::EndOfBlock, QTextCursor::KeepAnchor);
        if (text.isValid())
            mark.format.setForeground(text);
        if (ground.isValid()) {
            mark.format.setBackground(ground);
            mark.format.setProperty(QTextFormat::FullWidthSelection, true);
        }
        marks << mark;
    };
    QColor warning = kWarning, present = palette().color(QPalette::Highlight);
    warning.setAlphaF(0.3F);
    present.setAlphaF(0.3F);
    const QColor pale = palette().color(QPalette::PlaceholderText);
    int line = 0;
    for (const ScriptEntry& entry : m_exploration.script().entries()) {
        const int lines = static_cast<int>(scriptText({entry}).count(u'\n'));
        if (!entry.problem.isEmpty())
            for (int at = 0; at < lines; ++at)
                paint(m_text->document()->findBlockByNumber(line + at), {}, warning);
        line += lines;
    }
    for (int at = logLines; at < m_text->document()->blockCount(); ++at)
        paint(m_text->document()->findBlockByNumber(at), pale, at == logLines && m_player.isPlaying() ? present : QColor());
    m_text->setExtraSelections(marks);
}

void ScriptPanel::askForScript()
{
    auto* dialog = new QFileDialog(this, tr("Replay Script"), {}, tr("Shell scripts (*.sh);;All files (*)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFile);
    connect(dialog, &QFileDialog::fileSelected, &m_player, &ScriptPlayer::playFile);
    dialog->open();
}

void ScriptPanel::save()
{
    const QString path =
        QFileDialog::getSaveFileName(this, tr("Save Script"), QStringLiteral("exploration.sh"), tr("Shell scripts (*.sh)"));
    if (path.isEmpty())
        return;
    QSaveFile file(path);
    const QByteArray text = repeatingScript(m_exploration).toUtf8();
    if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size() || !file.commit())
        return m_exploration.tellProblem({path.toStdString(), "the script could not be written: " + file.errorString().toStdString()});
    // The trained paths that its plans name lie beside it, as they would beside a plan.
    const QDir from(m_exploration.pathsFolder()), to(QFileInfo(path).absolutePath());
    for (const QString& name : from.entryList({QStringLiteral("*.paths.npz")}, QDir::Files))
        if (text.contains(name.toUtf8()) && !to.exists(name) && !QFile::copy(from.filePath(name), to.filePath(name)))
            m_exploration.tellProblem({to.filePath(name).toStdString(), "the trained paths that the script names could not be written"});
}

} // namespace app
