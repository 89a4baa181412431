// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

namespace app {
namespace {

/// Characters, not bytes: continuation bytes of UTF-8 take no room.
std::size_t width(const std::string& text)
{
    return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

/// Where the first `count` characters end.
std::size_t bytesOf(const std::string& text, std::size_t count)
{
    std::size_t end = 0;
    while (end < text.size() && (count > 0 || (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U))
        count -= (static_cast<unsigned char>(text[end++]) & 0xC0U) == 0x80U ? 0 : 1;
    return end;
}

/// The lines of a cell: broken at the last space that fits, or inside a word that is too long for any line.
std::vector<std::string> linesOf(std::string cell, std::size_t widest)
{
    std::vector<std::string> lines;
    while (widest > 0 && width(cell) > widest) {
        const std::size_t end = bytesOf(cell, widest);
        const std::size_t space = cell.rfind(' ', end);
        const bool breaksAtSpace = space != std::string::npos && space > 0;
        lines.push_back(cell.substr(0, breaksAtSpace ? space : end));
        cell.erase(0, breaksAtSpace ? space + 1 : end);
    }
    lines.push_back(std::move(cell));
    return lines;
}

}  // namespace

std::string paragraph(const std::string& word, const std::string& text)
{
    constexpr std::size_t kMargin = 12, kWidth = 118;
    std::string page;
    for (const std::string& line : linesOf(text, kWidth - kMargin))
        page += fmt::format("{:<{}}{}\n", page.empty() ? word : "", kMargin, line);
    return page;
}

std::string Table::text() const
{
    std::vector<std::vector<std::string>> lines{{}};
    for (const Column& column : m_columns)
        lines.front().push_back(column.title);
    for (const auto& row : m_rows) {
        assert(row.size() == m_columns.size());
        std::vector<std::vector<std::string>> broken;
        std::size_t height = 1;
        for (std::size_t i = 0; i < row.size(); ++i) {
            broken.push_back(linesOf(row[i], m_columns[i].widest));
            height = std::max(height, broken.back().size());
        }
        for (std::size_t at = 0; at < height; ++at) {
            std::vector<std::string> line;
            for (const auto& cell : broken)
                line.push_back(at < cell.size() ? cell[at] : std::string());
            lines.push_back(std::move(line));
        }
    }

    std::vector<std::size_t> widths(m_columns.size(), 0);
    for (const auto& line : lines) {
        for (std::size_t i = 0; i < widths.size(); ++i)
            widths[i] = std::max(widths[i], width(line[i]));
    }
    std::string text;
    for (const auto& line : lines) {
        std::string row;
        for (std::size_t i = 0; i < widths.size(); ++i) {
            const std::string padding(widths[i] - width(line[i]), ' ');
            row += i == 0 ? "" : "  ";
            row += m_columns[i].align == Align::Right ? padding + line[i] : line[i] + padding;
        }
        row.erase(row.find_last_not_of(' ') + 1);
        text += row + '\n';
    }
    return text;
}

}  // namespace app
