// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/exploration/script_text.h"

#include "core/io/json_documents.h"
#include "core/io/json_object.h"

#include <nlohmann/json.hpp>

#include <QRegularExpression>

#include <limits>

namespace app {
namespace {

using Kind = ScriptEntry::Kind;

const QString kEdit = QStringLiteral("#   plan edit: ");
const QString kNote = QStringLiteral("#   not replayed: ");
const QString kOpen = QStringLiteral("open ");
const QString kPolar = QStringLiteral("polar ");
const QString kPlanEnd = QStringLiteral("PLAN");
const QString kPlanBegin = QStringLiteral("cat > %1 <<'%2'").arg(kEditedPlan, kPlanEnd);

QStringList linesOf(const ScriptEntry& entry, Commands commands)
{
    const bool asComment = commands == Commands::Commented || !entry.problem.isEmpty();
    switch (entry.kind) {
    case Kind::Open: return {QStringLiteral("# ") + kOpen + entry.text};
    case Kind::Command: return {(asComment ? QStringLiteral("# ") : QString()) + entry.text};
    case Kind::Edit: return {QStringLiteral("# ") + entry.words, kEdit + entry.text};
    case Kind::Plan: return {kPlanBegin, entry.text, kPlanEnd};
    case Kind::Remark: return {QStringLiteral("# ") + entry.text};
    case Kind::Foreign: return {(asComment ? QStringLiteral("#   ") : QString()) + entry.text};
    }
    return {};
}

/// Reads line by line; what an entry needs of the lines behind it, it takes.
class Reader {
public:
    explicit Reader(const QString& text) : m_lines(text.split(u'\n')) {}

    std::vector<ScriptStep> steps()
    {
        while (m_next < m_lines.size())
            readLine();
        return std::move(m_steps);
    }

private:
    QString line(qsizetype at) const
    {
        QString line = m_lines.value(at);
        while (line.endsWith(u'\r') || line.endsWith(u' '))
            line.chop(1);
        return line;
    }
    void add(ScriptEntry entry, qsizetype at) { m_steps.push_back({std::move(entry), static_cast<int>(at) + 1}); }

    void readLine()
    {
        const qsizetype at = m_next++;
        const QString text = line(at);
        if (text.isEmpty() || text == QLatin1String("set -e") || text.startsWith(QLatin1String("#!")) || text.startsWith(kNote))
            return;
        if (text.startsWith(kEdit))
            return add({Kind::Edit, text.mid(kEdit.size()), QStringLiteral("plan edit")}, at);
        if (text == kPlanBegin)
            return readPlan(at);
        const bool comment = text.startsWith(QLatin1String("# "));
        const QString body = comment ? text.mid(2) : text;
        if (comment && line(m_next).startsWith(kEdit)) {
            add({Kind::Edit, line(m_next).mid(kEdit.size()), body}, at);
            ++m_next;
        } else if (body.startsWith(kPolar)) {
            add({Kind::Command, body, QStringLiteral("evaluate")}, at);
        } else if (comment && body.startsWith(kOpen)) {
            add({Kind::Open, body.mid(kOpen.size()), body}, at);
        } else if (text.startsWith(u'#')) {
            const QString words = body.startsWith(u'#') ? body.mid(1) : body;
            add({Kind::Remark, words, words}, at);
        } else {
            add({Kind::Foreign, text, text}, at);
        }
    }

    void readPlan(qsizetype at)
    {
        QStringList document;
        while (m_next < m_lines.size() && line(m_next) != kPlanEnd)
            document << m_lines.at(m_next++);
        ScriptEntry entry{Kind::Plan, document.join(u'\n'), QStringLiteral("the plan as written in the script")};
        if (m_next >= m_lines.size()) {
            entry = {Kind::Foreign, kPlanBegin, kPlanBegin,
                     QStringLiteral("the plan that begins here has no end; wanted a line \"%1\"").arg(kPlanEnd)};
        }
        ++m_next;
        add(std::move(entry), at);
    }

    QStringList m_lines;
    qsizetype m_next = 0;
    std::vector<ScriptStep> m_steps;
};

core::Problem unknownCommand(const QString& found)
{
    return {"", "found \"" + found.toStdString() +
                    "\"; the window replays: polar evaluate NETWORK DATASET [--plan P] [--samples N] [--chips N] [--seed S] "
                    "[--technology T], and polar train NETWORK DATASET --plan P [--epochs N] [--rate R] [--batch N] [--validation S] "
                    "[--rule adam|sgd] [--patience N] [--loss labels|answers] [--seed S] [-o FOLDER]"};
}

double rateOf(const core::StepRule& rule)
{
    return std::visit([](const auto& each) { return each.rate; }, rule);
}

template <class T>
core::Result<void> readNumber(const QString& option, const QString& value, T low, T& target)
{
    bool fits = false;
    const qulonglong number = value.toULongLong(&fits);
    if (!fits || number < static_cast<qulonglong>(low) || number > static_cast<qulonglong>(std::numeric_limits<T>::max()))
        return core::Problem{option.toStdString(),
                             "found \"" + value.toStdString() + "\"; wanted a whole number from " + std::to_string(low)};
    target = static_cast<T>(number);
    return core::success();
}

/// A number above 0 and below `end`.
core::Result<void> readShare(const QString& option, const QString& value, double end, double& target)
{
    bool fits = false;
    const double number = value.toDouble(&fits);
    if (!fits || !(number > 0 && number < end))
        return core::Problem{option.toStdString(), "found \"" + value.toStdString() + "\"; wanted a number above 0 and below " +
                                                       QString::number(end).toStdString()};
    target = number;
    return core::success();
}

core::Result<void> readOneOf(const QString& option, const QString& value, const QStringList& words, QString& target)
{
    if (!words.contains(value))
        return core::Problem{option.toStdString(),
                             "found \"" + value.toStdString() + "\"; wanted " + words.join(QStringLiteral(" or ")).toStdString()};
    target = value;
    return core::success();
}

constexpr double kUsualValidationShare = 0.1;  // of `polar train`

}  // namespace

QString scriptText(const std::vector<ScriptEntry>& entries, Commands commands)
{
    QStringList lines;
    for (const ScriptEntry& entry : entries) {
        lines << linesOf(entry, commands);
        if (!entry.problem.isEmpty())
            lines << kNote + entry.problem.simplified();
    }
    return lines.isEmpty() ? QString() : lines.join(u'\n') + u'\n';
}

std::vector<ScriptStep> parseScript(const QString& text) { return Reader(text).steps(); }

QString commandText(const EvaluateCommand& command)
{
    const auto quoted = [](const std::string& word) { return shellQuoted(QString::fromStdString(word)); };
    QString text = QStringLiteral("polar evaluate %1 %2").arg(quoted(command.network), quoted(command.dataset));
    if (!command.plan.empty())
        text += QStringLiteral(" --plan ") + quoted(command.plan);
    if (command.settings.samples > 0)
        text += QStringLiteral(" --samples %1").arg(command.settings.samples);
    if (command.settings.chips > 1)
        text += QStringLiteral(" --chips %1").arg(command.settings.chips);
    if (command.settings.seed != 1)
        text += QStringLiteral(" --seed %1").arg(command.settings.seed);
    if (!command.settings.technology.empty())
        text += QStringLiteral(" --technology ") + quoted(command.settings.technology);
    return text;
}

namespace {

/// "polar VERB NETWORK DATASET --option value ...", options in any order and anywhere.
struct CommandWords {
    QString network, dataset;
    std::vector<std::pair<QString, QString>> options;  // "--plan" and its value
};

core::Result<CommandWords> splitCommand(const QStringList& words)
{
    CommandWords split;
    QStringList places;
    for (qsizetype at = 2; at < words.size(); ++at) {
        const QString& word = words.at(at);
        if (!word.startsWith(u'-')) {
            places << word;
            continue;
        }
        if (++at >= words.size())
            return core::Problem{word.toStdString(), "is the last word; wanted a value behind it"};
        split.options.emplace_back(word, words.at(at));
    }
    if (places.size() != 2)
        return core::Problem{"", "found " + std::to_string(places.size()) + " names; wanted a network and a dataset"};
    split.network = places.at(0);
    split.dataset = places.at(1);
    return split;
}

}  // namespace

core::Result<EvaluateCommand> commandFrom(const QString& text)
{
    CORE_TRY(const QStringList words, shellWords(text));
    if (words.value(0) != QLatin1String("polar") || words.value(1) != QLatin1String("evaluate"))
        return unknownCommand(words.mid(0, 2).join(u' '));
    EvaluateCommand command;
    CORE_TRY(const CommandWords split, splitCommand(words));
    for (const auto& [word, value] : split.options) {
        if (word == QLatin1String("--plan"))
            command.plan = value.toStdString();
        else if (word == QLatin1String("--technology"))
            command.settings.technology = value.toStdString();
        else if (word == QLatin1String("--samples"))
            CORE_TRY(readNumber<std::int64_t>(word, value, 0, command.settings.samples));
        else if (word == QLatin1String("--chips"))
            CORE_TRY(readNumber<int>(word, value, 1, command.settings.chips));
        else if (word == QLatin1String("--seed"))
            CORE_TRY(readNumber<std::uint64_t>(word, value, 0, command.settings.seed));
        else
            return unknownCommand(word);
    }
    command.network = split.network.toStdString();
    command.dataset = split.dataset.toStdString();
    return command;
}

QString commandText(const TrainCommand& command)
{
    const core::TrainingOrders& orders = command.orders;
    const auto quoted = [](const std::string& word) { return shellQuoted(QString::fromStdString(word)); };
    QString text = QStringLiteral("polar train %1 %2 --plan %3 --epochs %4 --rate %5 --batch %6 --validation %7")
                       .arg(quoted(command.network), quoted(command.dataset), quoted(command.plan))
                       .arg(orders.epochs)
                       .arg(rateOf(orders.rule))
                       .arg(orders.batch)
                       .arg(orders.validationShare);
    if (std::holds_alternative<core::MomentumRule>(orders.rule))
        text += QStringLiteral(" --rule sgd");
    if (orders.patience > 0)
        text += QStringLiteral(" --patience %1").arg(orders.patience);
    if (orders.target == core::LossTarget::OwnDistribution)
        text += QStringLiteral(" --loss answers");
    if (orders.seed != 1)
        text += QStringLiteral(" --seed %1").arg(orders.seed);
    if (!command.folder.empty())
        text += QStringLiteral(" -o ") + quoted(command.folder);
    return text;
}

bool isTrainCommand(const QString& text) { return text.startsWith(QLatin1String("polar train ")); }

core::Result<TrainCommand> trainCommandFrom(const QString& text)
{
    CORE_TRY(const QStringList words, shellWords(text));
    TrainCommand command;
    command.orders.validationShare = kUsualValidationShare;
    QString rule = QStringLiteral("adam"), loss = QStringLiteral("labels");
    double rate = core::AdamRule{}.rate;
    CORE_TRY(const CommandWords split, splitCommand(words));
    for (const auto& [word, value] : split.options) {
        if (word == QLatin1String("--plan"))
            command.plan = value.toStdString();
        else if (word == QLatin1String("-o") || word == QLatin1String("--output"))
            command.folder = value.toStdString();
        else if (word == QLatin1String("--epochs"))
            CORE_TRY(readNumber<int>(word, value, 1, command.orders.epochs));
        else if (word == QLatin1String("--batch"))
            CORE_TRY(readNumber<std::int64_t>(word, value, 1, command.orders.batch));
        else if (word == QLatin1String("--patience"))
            CORE_TRY(readNumber<int>(word, value, 0, command.orders.patience));
        else if (word == QLatin1String("--seed"))
            CORE_TRY(readNumber<std::uint64_t>(word, value, 0, command.orders.seed));
        else if (word == QLatin1String("--rate"))
            CORE_TRY(readShare(word, value, 1e6, rate));
        else if (word == QLatin1String("--validation"))
            CORE_TRY(readShare(word, value, 1, command.orders.validationShare));
        else if (word == QLatin1String("--rule"))
            CORE_TRY(readOneOf(word, value, {QStringLiteral("adam"), QStringLiteral("sgd")}, rule));
        else if (word == QLatin1String("--loss"))
            CORE_TRY(readOneOf(word, value, {QStringLiteral("labels"), QStringLiteral("answers")}, loss));
        else
            return unknownCommand(word);
    }
    if (command.plan.empty())
        return core::Problem{"--plan", "is not there; wanted the plan whose precision is trained in"};
    command.network = split.network.toStdString();
    command.dataset = split.dataset.toStdString();
    if (rule == QLatin1String("sgd"))
        command.orders.rule = core::MomentumRule{.rate = rate};
    else
        command.orders.rule = core::AdamRule{.rate = rate};
    if (loss == QLatin1String("answers"))
        command.orders.target = core::LossTarget::OwnDistribution;
    return command;
}

QString planPatch(const core::PrecisionPlan& before, const core::PrecisionPlan& after)
{
    const nlohmann::ordered_json patch = nlohmann::ordered_json::diff(core::planToJson(before), core::planToJson(after));
    return QString::fromStdString(patch.dump());
}

core::Result<core::PrecisionPlan> patchedPlan(const core::PrecisionPlan& before, const QString& patch, const std::filesystem::path& folder)
{
    CORE_TRY(const core::Json edits, core::parseJson(patch.toStdString()));
    core::Json document = core::planToJson(before);
    try {
        document = document.patch(edits);
    } catch (const core::Json::exception& error) {
        const std::string what = error.what();  // "[json.exception.out_of_range.403] key 'weights' not found"
        const std::size_t words = what.find("] ");
        return core::Problem{"", "the edit does not fit the plan as it is here: " +
                                     (words == std::string::npos ? what : what.substr(words + 2))};
    }
    return core::planFromJson(document, folder);
}

QString shellQuoted(const QString& word)
{
    static const QRegularExpression plain(QStringLiteral("^[A-Za-z0-9_@%+=:,./#-]+$"));
    if (plain.match(word).hasMatch() && !word.startsWith(u'#'))
        return word;
    QString quoted = word;
    quoted.replace(u'\'', QStringLiteral("'\\''"));
    return u'\'' + quoted + u'\'';
}

core::Result<QStringList> shellWords(const QString& line)
{
    QStringList words;
    QString word;
    bool inWord = false;
    QChar quote;  // null: outside of quotes
    for (qsizetype at = 0; at < line.size(); ++at) {
        const QChar letter = line.at(at);
        if (!quote.isNull()) {
            if (letter == quote)
                quote = {};
            else
                word += letter;
        } else if (letter == u'\'' || letter == u'"') {
            quote = letter;
            inWord = true;
        } else if (letter == u'\\' && at + 1 < line.size()) {
            word += line.at(++at);
            inWord = true;
        } else if (letter.isSpace()) {
            if (std::exchange(inWord, false))
                words << std::exchange(word, {});
        } else {
            word += letter;
            inWord = true;
        }
    }
    if (!quote.isNull())
        return core::Problem{"", "a quote is opened and not closed"};
    if (inWord)
        words << word;
    return words;
}

}  // namespace app
