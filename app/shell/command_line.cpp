// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/command_line.h"

#include <QCommandLineParser>
#include <QRegularExpression>

namespace app {
namespace {

constexpr int kSmallestSide = 320, kLargestSide = 8192;

void describe(QCommandLineParser& parser)
{
    parser.setApplicationDescription(QStringLiteral("Bend the arithmetic of a neural network and see what happens."));
    parser.addPositionalArgument(QStringLiteral("things"), QStringLiteral("Networks, datasets and plans: files, folders or bundled names; or a saved script (.sh)."),
                                 QStringLiteral("[NETWORK|DATASET|PLAN ... | SCRIPT.sh]"));
    parser.addOptions(
        {{QStringLiteral("open"), QStringLiteral("Open this too; the same as naming it."), QStringLiteral("NETWORK|DATASET|PLAN")},
         {QStringLiteral("picture"), QStringLiteral("Save a picture of the window and quit."), QStringLiteral("FILE.png")},
         {QStringLiteral("size"), QStringLiteral("Size of the window."), QStringLiteral("WIDTHxHEIGHT")},
         {QStringLiteral("dark"), QStringLiteral("Dark colours.")},
         {QStringLiteral("light"), QStringLiteral("Light colours.")},
         {QStringLiteral("settle"), QStringLiteral("Wait for the settled figure before the picture is taken.")},
         {QStringLiteral("tab"),
          QStringLiteral("Bench tab in front: accuracy, errors (errors:condition, errors:recomputed, errors:overflow, errors:sum-error ...), "
                         "energy (energy:efficiency, energy:time) or effects (measured before a settled picture is taken)."),
          QStringLiteral("NAME")},
         {QStringLiteral("dock"),
          QStringLiteral("Docks in front, separated by commas: network (network:table, network:sensitivity, network:energy ...), "
                         "precision, rows, microscope, recovery (recovery:methods, recovery:correct, recovery:sample, "
                         "recovery:cost for its pages), array (array:tile, array:sums), sum (sum:error, sum:cost), "
                         "samples, script, training."),
          QStringLiteral("NAMES")},
         {{QStringLiteral("h"), QStringLiteral("help")}, QStringLiteral("Say this.")},
         {{QStringLiteral("v"), QStringLiteral("version")}, QStringLiteral("Say the version.")}});
}

std::optional<QSize> sizeFrom(const QString& text)
{
    static const QRegularExpression form(QStringLiteral("^(\\d{1,5})x(\\d{1,5})$"));
    const auto match = form.match(text);
    if (!match.hasMatch())
        return {};
    const QSize size(match.captured(1).toInt(), match.captured(2).toInt());
    if (std::min(size.width(), size.height()) < kSmallestSide || std::max(size.width(), size.height()) > kLargestSide)
        return {};
    return size;
}

} // namespace

QString helpText()
{
    QCommandLineParser parser;
    describe(parser);
    return parser.helpText();
}

ParsedCommandLine parseCommandLine(const QStringList& arguments)
{
    QCommandLineParser parser;
    describe(parser);
    if (!parser.parse(QStringList{QStringLiteral("polarizer")} + arguments))
        return {{}, parser.errorText()};
    CommandLine line;
    line.things = parser.values(QStringLiteral("open")) + parser.positionalArguments();
    line.picture = parser.value(QStringLiteral("picture"));
    line.settle = parser.isSet(QStringLiteral("settle"));
    line.tab = parser.value(QStringLiteral("tab"));
    line.dock = parser.value(QStringLiteral("dock"));
    line.help = parser.isSet(QStringLiteral("help"));
    line.version = parser.isSet(QStringLiteral("version"));
    if (parser.isSet(QStringLiteral("dark")) && parser.isSet(QStringLiteral("light")))
        return {{}, QStringLiteral("--dark and --light exclude each other")};
    if (parser.isSet(QStringLiteral("dark")))
        line.theme = Theme::Dark;
    if (parser.isSet(QStringLiteral("light")))
        line.theme = Theme::Light;
    if (parser.isSet(QStringLiteral("size"))) {
        const auto size = sizeFrom(parser.value(QStringLiteral("size")));
        if (!size)
            return {{},
                    QStringLiteral("--size %1: wanted WIDTHxHEIGHT, each from %2 to %3")
                        .arg(parser.value(QStringLiteral("size")))
                        .arg(kSmallestSide)
                        .arg(kLargestSide)};
        line.size = *size;
    }
    if (parser.isSet(QStringLiteral("picture")) && line.picture.isEmpty())
        return {{}, QStringLiteral("--picture: wanted the name of a .png or .jpg file")};
    return {line, {}};
}

} // namespace app
