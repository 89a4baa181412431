// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A plain table for people: columns as wide as their widest cell, numbers to the right, words to the left. A column may have
// a width that its cells are broken at, between words where it can be.

#include <string>
#include <vector>

namespace app {

class Table {
public:
    enum class Align { Left, Right };
    struct Column {
        std::string title;
        Align align = Align::Left;
        std::size_t widest = 0;  // in characters; 0: as wide as its widest cell
    };

    explicit Table(std::vector<Column> columns) : m_columns(std::move(columns)) {}
    void add(std::vector<std::string> cells) { m_rows.push_back(std::move(cells)); }  // one cell per column
    std::string text() const;                                                         // every line ends with a newline

private:
    std::vector<Column> m_columns;
    std::vector<std::vector<std::string>> m_rows;
};

/// "energy      505 uJ an inference ...": a word at the margin, and beside it the text, in lines of at most 118 characters.
std::string paragraph(const std::string& word, const std::string& text);

}  // namespace app
