// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Ctrl-C as a stop token. The first one asks for a stop, so a partial result still prints; the second ends the program.

#include <stop_token>
#include <thread>

namespace app {

/// Make one before any other thread: threads inherit the signals it blocks.
class Interrupt {
public:
    Interrupt();
    ~Interrupt();
    std::stop_token token() const { return m_stop.get_token(); }

private:
    std::stop_source m_stop;
    std::thread m_listener;
};

}  // namespace app
