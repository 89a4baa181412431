// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Ctrl-C as a stop token. The first one asks for a stop, so a partial result still prints; the second ends the program.

#include <atomic>
#include <stop_token>
#include <thread>

namespace app {

/// One at a time: signals belong to the process.
class Interrupt {
public:
    Interrupt();
    ~Interrupt();
    std::stop_token token() const { return m_stop.get_token(); }

private:
    void listen();

    std::stop_source m_stop;
    std::atomic<bool> m_farewell = false;
    std::thread m_listener;
};

}  // namespace app
