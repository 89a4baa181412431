// SPDX-License-Identifier: Apache-2.0
#include "core/io/csv_reader.h"

#include "core/io/file_source.h"
#include "core/io/tensor_conversion.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <set>
#include <span>

namespace core {

namespace {

constexpr std::size_t kLargestTable = std::size_t{1} << 30;
constexpr std::size_t kMostColumns = 100'000;
constexpr double kLargestExact = 9007199254740992.0;  // 2^53: whole numbers up to here are exact in a double

std::string_view trimmed(std::string_view field)
{
    const std::size_t begin = field.find_first_not_of(" \r");
    return begin == std::string_view::npos ? std::string_view{} : field.substr(begin, field.find_last_not_of(" \r") - begin + 1);
}

std::optional<double> numberIn(std::string_view field)
{
    if (field.starts_with('+'))
        field.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(field.data(), field.data() + field.size(), value);
    if (error != std::errc() || end != field.data() + field.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

/// The lines of a text with their numbers; blank ones are left out.
class LineWalker {
public:
    explicit LineWalker(std::string_view text) : m_rest(text)
    {
        if (m_rest.starts_with("\xEF\xBB\xBF"))  // the byte order mark that spreadsheets write
            m_rest.remove_prefix(3);
    }
    std::optional<std::string_view> next()
    {
        while (!m_rest.empty()) {
            const std::size_t end = m_rest.find('\n');
            const std::string_view line = m_rest.substr(0, end);
            m_rest.remove_prefix(end == std::string_view::npos ? m_rest.size() : end + 1);
            ++m_number;
            if (!trimmed(line).empty())
                return line;
        }
        return std::nullopt;
    }
    std::size_t number() const { return m_number; }

private:
    std::string_view m_rest;
    std::size_t m_number = 0;
};

char separatorOf(std::string_view line)
{
    char best = ',';
    for (const char candidate : std::array{',', ';', '\t'})
        if (std::count(line.begin(), line.end(), candidate) > std::count(line.begin(), line.end(), best))
            best = candidate;
    return best;
}

/// The fields of one line; a doubled quote inside quotes is one quote.
Result<std::vector<std::string>> fieldsOf(std::string_view line, char separator)
{
    std::vector<std::string> fields;
    for (std::size_t at = 0; at <= line.size();) {
        if (fields.size() == kMostColumns)
            return Problem{"", fmt::format("has more than {} fields", kMostColumns)};
        const std::size_t start = line.find_first_not_of(' ', at);
        if (start == std::string_view::npos || line[start] != '"') {
            const std::size_t end = std::min(line.find(separator, at), line.size());
            fields.emplace_back(trimmed(line.substr(at, end - at)));
            at = end + 1;
            continue;
        }
        std::string field;
        std::size_t i = start + 1;
        for (; i < line.size() && (line[i] != '"' || (i + 1 < line.size() && line[i + 1] == '"')); ++i) {
            field += line[i];
            i += line[i] == '"';
        }
        if (i >= line.size())
            return Problem{"", fmt::format("column {}: the quotation mark is not closed on its line", fields.size() + 1)};
        const std::size_t end = std::min(line.find(separator, i + 1), line.size());
        if (!trimmed(line.substr(i + 1, end - i - 1)).empty())
            return Problem{"", fmt::format("column {}: text follows the closing quotation mark", fields.size() + 1)};
        fields.push_back(std::move(field));
        at = end + 1;
    }
    return fields;
}

bool looksLikeHeader(const std::vector<std::string>& first, const std::vector<std::string>& second)
{
    if (first.size() != second.size())
        return false;
    bool anyNumberBelow = false;
    for (std::size_t i = 0; i < first.size(); ++i) {
        if (!numberIn(second[i]))
            continue;
        anyNumberBelow = true;
        if (numberIn(first[i]))
            return false;
    }
    return anyNumberBelow;
}

/// Labels as they stand in the file, until it is known whether they are numbers or names.
class LabelColumn {
public:
    explicit LabelColumn(const std::vector<std::string>& classes) : m_classes(classes)
    {
        for (std::size_t i = 0; i < classes.size(); ++i)
            m_indices.emplace(classes[i], static_cast<std::int32_t>(i));
    }

    Result<void> add(std::string label)
    {
        if (label.empty())
            return Problem{"", "the label is empty"};
        if (!m_classes.empty() && !m_indices.contains(label))
            return Problem{"", fmt::format("found \"{}\"; wanted one of the {} classes", label, m_classes.size())};
        m_texts.push_back(std::move(label));
        return success();
    }

    Result<void> finish(CsvTable& table)
    {
        if (m_classes.empty() && !takeNumbers(table))
            nameClasses();
        if (static_cast<std::int64_t>(m_indices.size()) > kMostClasses)
            return Problem{"labels", fmt::format("there are {} different ones; wanted at most {}", m_indices.size(), kMostClasses)};
        for (std::size_t i = table.split.labels.size(); i < m_texts.size(); ++i)
            table.split.labels.push_back(m_indices.at(m_texts[i]));
        if (table.classes.empty())
            table.classes = m_classes;
        return success();
    }

private:
    /// Whole numbers from 0 are class indices themselves.
    bool takeNumbers(CsvTable& table) const
    {
        std::vector<std::int32_t> labels;
        std::int32_t largest = 0;
        for (const std::string& text : m_texts) {
            const std::optional<double> number = numberIn(text);
            if (!number || *number < 0 || *number != std::floor(*number) || *number >= static_cast<double>(kMostClasses))
                return false;
            labels.push_back(static_cast<std::int32_t>(*number));
            largest = std::max(largest, labels.back());
        }
        table.split.labels = std::move(labels);
        for (std::int32_t i = 0; i <= largest; ++i)
            table.classes.push_back(std::to_string(i));
        return true;
    }

    void nameClasses()
    {
        const std::set<std::string> names(m_texts.begin(), m_texts.end());
        m_classes.assign(names.begin(), names.end());
        for (const std::string& name : m_classes)
            m_indices.emplace(name, static_cast<std::int32_t>(m_indices.size()));
    }

    std::vector<std::string> m_classes;
    std::map<std::string, std::int32_t> m_indices;
    std::vector<std::string> m_texts;
};

Result<std::size_t> labelColumn(const std::string& label, const std::vector<std::string>& header, std::size_t columns)
{
    if (label == "first" || label == "last")
        return label == "first" ? 0 : columns - 1;
    if (header.empty())
        return Problem{
            "", fmt::format("the label column is named \"{}\", but the file has no header line; wanted \"first\" or \"last\"", label)};
    const auto found = std::find(header.begin(), header.end(), label);
    if (found == header.end())
        return Problem{"line 1", fmt::format("there is no column \"{}\" for the label", label)};
    return static_cast<std::size_t>(found - header.begin());
}

Tensor samplesFrom(const std::vector<double>& values, Shape shape, SampleLayout layout)
{
    const bool tokens = layout == SampleLayout::Sequence && std::all_of(values.begin(), values.end(), [](double v) {
                            return v == std::floor(v) && std::abs(v) <= kLargestExact;
                        });
    if (tokens)
        return Tensor::of(std::move(shape), std::vector<std::int64_t>(values.begin(), values.end()));
    Tensor result = Tensor::uninitialized(DataType::Float32, std::move(shape));
    std::transform(values.begin(), values.end(), result.edit<float>().begin(), [](double v) { return static_cast<float>(v); });
    return result;
}

Result<CsvTable> parseCsv(std::string_view text, const CsvOptions& options)
{
    LineWalker lines(text);
    std::optional<std::string_view> line = lines.next();
    if (!line)
        return Problem{"", "is empty; wanted a table"};
    const char separator = separatorOf(*line);
    auto first = fieldsOf(*line, separator);
    if (!first)
        return first.error().within(fmt::format("line {}", lines.number()));
    const std::size_t columns = first.value().size();
    if (columns < 2)
        return Problem{fmt::format("line {}", lines.number()),
                       "has one field; wanted a label and at least one feature, divided by commas, semicolons or tabs"};

    bool hasHeader = options.header.value_or(false);
    if (!options.header) {
        LineWalker ahead = lines;
        if (const auto second = ahead.next())
            if (const auto fields = fieldsOf(*second, separator))
                hasHeader = looksLikeHeader(first.value(), fields.value());
    }
    const std::vector<std::string> header = hasHeader ? first.value() : std::vector<std::string>{};
    CORE_TRY(auto labelAt, labelColumn(options.label, header, columns));
    if (hasHeader)
        line = lines.next();

    const auto placeOf = [&](std::size_t column) {
        const std::string name = header.empty() ? "" : fmt::format(" (\"{}\")", header[column]);
        return fmt::format("line {}, column {}{}", lines.number(), column + 1, name);
    };
    std::vector<double> values;
    LabelColumn labels(options.classes);
    std::int64_t rows = 0;
    for (; line; line = lines.next(), ++rows) {
        auto fields = fieldsOf(*line, separator);
        if (!fields)
            return fields.error().within(fmt::format("line {}", lines.number()));
        if (fields.value().size() != columns)
            return Problem{fmt::format("line {}", lines.number()),
                           fmt::format("has {} fields; the first line has {}", fields.value().size(), columns)};
        for (std::size_t column = 0; column < columns; ++column) {
            std::string& field = fields.value()[column];
            if (column == labelAt) {
                if (const auto added = labels.add(std::move(field)); !added)
                    return added.error().within(placeOf(column));
                continue;
            }
            const std::optional<double> number = numberIn(field);
            if (!number || std::abs(*number) > static_cast<double>(std::numeric_limits<float>::max()))
                return Problem{placeOf(column), fmt::format("found \"{}\"; wanted a number", field.substr(0, 40))};
            values.push_back(*number);
        }
    }
    if (rows == 0)
        return Problem{"", "has a header line and nothing below it"};
    CsvTable table;
    table.classes = options.classes;
    table.split.inputs = samplesFrom(values, {rows, static_cast<std::int64_t>(columns - 1)}, options.layout);
    CORE_TRY(labels.finish(table));
    return table;
}

CsvOptions guess(std::string_view text)
{
    LineWalker lines(text);
    const auto first = lines.next(), second = lines.next();
    if (!first || !second)
        return {};
    const char separator = separatorOf(*first);
    const auto names = fieldsOf(*first, separator), values = fieldsOf(*second, separator);
    if (!names || !values || names.value().size() != values.value().size())
        return {};
    CsvOptions options;
    options.header = looksLikeHeader(names.value(), values.value());
    if (*options.header)
        for (const char* usual : {"label", "class", "target", "y", "Label", "Class", "Target"})
            if (std::count(names.value().begin(), names.value().end(), usual) == 1) {
                options.label = usual;
                return options;
            }
    if (!numberIn(values.value().front()) && numberIn(values.value().back()))
        options.label = "first";
    return options;
}

}  // namespace

Result<CsvTable> readCsv(const std::filesystem::path& file, const CsvOptions& options)
{
    const auto text = readText(file, kLargestTable);
    if (!text)
        return text.error().within(file.string());
    auto table = parseCsv(text.value(), options);
    if (!table)
        return table.error().within(file.string());
    return table;
}

Result<CsvOptions> guessCsvOptions(const std::filesystem::path& file)
{
    constexpr std::size_t kEnoughForTwoLines = 1 << 20;
    const auto begin = [&]() -> Result<std::string> {
        CORE_TRY(auto source, FileSource::open(file));
        std::string text(kEnoughForTwoLines, '\0');
        CORE_TRY(const std::size_t got, source.read(std::as_writable_bytes(std::span(text))));
        text.resize(got);
        return text;
    }();
    if (!begin)
        return begin.error().within(file.string());
    return guess(begin.value());
}

}  // namespace core
