// SPDX-License-Identifier: Apache-2.0
#include "core/plan/surrogate_plan.h"

#include "core/base/hash.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <span>

namespace core {

std::string_view surrogateMethodName(SurrogateMethod method)
{
    switch (method) {
    case SurrogateMethod::Svd: return "svd";
    case SurrogateMethod::Activation: return "activation";
    case SurrogateMethod::Fisher: return "fisher";
    case SurrogateMethod::Lqer: return "lqer";
    case SurrogateMethod::Qera: return "qera";
    case SurrogateMethod::Trained: return "trained";
    }
    return {};
}

std::string FitDevice::text() const
{
    switch (kind) {
    case Kind::Own: return "own";
    case Kind::Mean: return "mean";
    case Kind::Average: return fmt::format("average:{}", number);
    case Kind::Chip: return fmt::format("chip:{}", number);
    }
    return {};
}

Result<FitDevice> FitDevice::parse(std::string_view text)
{
    if (text == "own")
        return FitDevice{};
    if (text == "mean")
        return FitDevice{Kind::Mean, 1};
    const auto numbered = [&](std::string_view word, Kind kind, int most) -> std::optional<FitDevice> {
        if (!text.starts_with(word))
            return std::nullopt;
        const std::string_view digits = text.substr(word.size());
        FitDevice device{kind, 0};
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), device.number);
        if (error != std::errc{} || end != digits.data() + digits.size() || device.number < 1 || device.number > most)
            return std::nullopt;
        return device;
    };
    constexpr int kMostChips = 1 << 18;
    if (const auto average = numbered("average:", Kind::Average, kMostFitChips))
        return *average;
    if (const auto chip = numbered("chip:", Kind::Chip, kMostChips))
        return *chip;
    return Problem{"", fmt::format("found \"{}\"; wanted own, mean, average:N with 1 to {} chips, or chip:K", text, kMostFitChips)};
}

struct StoredPaths::Contents {
    std::string file;
    std::map<std::string, StoredPath> paths;
    std::uint64_t hash = 0;
};

StoredPaths::StoredPaths(std::string file, std::map<std::string, StoredPath> paths)
{
    Hasher hasher;
    const auto add = [&](const RowMatrix& matrix) {
        hasher.add(matrix.rows()).add(matrix.cols()).all(std::span<const float>(matrix.data(), static_cast<std::size_t>(matrix.size())));
    };
    for (const auto& [layer, path] : paths) {
        hasher.text(layer);
        add(path.down);
        add(path.up);
    }
    m_contents = std::make_shared<const Contents>(Contents{std::move(file), std::move(paths), hasher.value()});
}

const std::string& StoredPaths::file() const
{
    static const std::string none;
    return m_contents ? m_contents->file : none;
}

const std::map<std::string, StoredPath>& StoredPaths::all() const
{
    static const std::map<std::string, StoredPath> none;
    return m_contents ? m_contents->paths : none;
}

const StoredPath* StoredPaths::find(const std::string& layer) const
{
    const auto found = all().find(layer);
    return found == all().end() ? nullptr : &found->second;
}

std::uint64_t StoredPaths::hash() const { return m_contents ? m_contents->hash : 0; }

}  // namespace core
