// SPDX-License-Identifier: GPL-3.0-or-later
// polar selfcheck: published machines by our ledger and prices.
#include "app/cli/table.h"
#include "app/cli/verbs.h"

#include "core/engine/energy_selfcheck.h"
#include "core/io/library.h"

#include <fmt/format.h>

namespace app {
namespace {

using nlohmann::ordered_json;

std::string verdict(const core::CheckedPoint& point)
{
    if (!point.factor)
        return "not explained";
    return point.fails() ? "FAILS" : "holds";
}

ordered_json toJson(const core::CheckedPoint& point)
{
    ordered_json json = {{"subject", point.subject},
                         {"point", point.point},
                         {"unit", point.unit},
                         {"model", point.model},
                         {"published", point.published},
                         {"error", point.error()},
                         {"kind", core::checkKindName(point.kind)}};
    json["factor"] = point.factor ? ordered_json(*point.factor) : ordered_json();
    json["verdict"] = verdict(point);
    json["inputs"] = point.inputs;
    json["remark"] = point.remark;
    return json;
}

core::Result<Answer> selfCheck()
{
    CORE_TRY(const auto points, core::energySelfCheck(core::bundledPriceTables()));
    Answer answer;
    answer.document = {{"points", ordered_json::array()}, {"unchecked", ordered_json::array()}, {"failed", 0}};
    using enum Table::Align;
    Table table({{"POINT", Left, 42},
                 {"model", Right},
                 {"published", Right},
                 {"unit"},
                 {"error", Right},
                 {"kind"},
                 {"within", Right},
                 {"verdict"}});
    int failed = 0, unexplained = 0;
    std::string subject, notes;
    for (const core::CheckedPoint& point : points) {
        answer.document["points"].push_back(toJson(point));
        if (subject != point.subject) {
            subject = point.subject;
            table.add({subject, "", "", "", "", "", "", ""});
            notes += subject + '\n';
        }
        table.add({"  " + point.point, fmt::format("{:.4g}", point.model), fmt::format("{:.4g}", point.published), point.unit,
                   fmt::format("{:+.1f} %", 100 * point.error()), std::string(core::checkKindName(point.kind)),
                   point.factor ? fmt::format("x{:.4g}", *point.factor) : "-", verdict(point)});
        if (const std::string note = paragraph("", fmt::format("from {}; {}", point.inputs, point.remark));
            notes.find(note) == std::string::npos)
            notes += fmt::format("  {}\n{}", point.point, note);
        unexplained += point.factor ? 0 : 1;
        if (!point.fails())
            continue;
        ++failed;
        answer.problems.push_back({point.subject + ", " + point.point,
                                   fmt::format("the model says {:.4g} {}, published is {:.4g}; wanted within a factor of {:.4g}",
                                               point.model, point.unit, point.published, *point.factor)});
    }
    answer.page = table.text();
    answer.page += fmt::format("\n{} points: {} hold, {} fail, {} are not explained\n", points.size(),
                               static_cast<int>(points.size()) - failed - unexplained, failed, unexplained);
    answer.page +=
        "composed    its own breakdown is put in and adds up to its headline\npredicted   calibrated at one published point, checked at "
        "another\n"
        "computed    from prices that know nothing of this machine\narithmetic  worked out by hand elsewhere, worked out again here\n";
    for (const core::UncheckedPoint& point : core::uncheckedPoints()) {
        answer.document["unchecked"].push_back({{"subject", point.subject}, {"figure", point.figure}, {"reason", point.reason}});
        answer.page += paragraph("unchecked", fmt::format("{}, {}: {}", point.subject, point.figure, point.reason));
    }
    answer.page += "\nWHAT WAS PUT IN, AND WHAT IT MEANS\n" + notes;
    answer.document["failed"] = failed;
    answer.ending = failed > 0 ? Ending::Problem : Ending::Done;
    return answer;
}

}  // namespace

void addSelfCheckVerb(Verbs& verbs)
{
    verbs.add("selfcheck", "Published machines by our ledger and prices: model, published, error",
              {"polar selfcheck", "polar selfcheck --json"}, [](const core::RunControl&) { return selfCheck(); });
}

}  // namespace app
