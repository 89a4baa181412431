// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/interrupt.h"

#include "app/cli/verbs.h"

#include <csignal>

#include <pthread.h>
#include <unistd.h>

namespace app {
namespace {

constexpr int kFarewell = SIGUSR1; // tells the listener that the program ends by itself

sigset_t heard()
{
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM, kFarewell})
        sigaddset(&signals, signal);
    return signals;
}

}  // namespace

// A handler could not ask a stop source safely: it runs callbacks. A thread that waits for the signal can.
Interrupt::Interrupt()
{
    const sigset_t signals = heard();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    m_listener = std::thread([this, signals] {
        for (int signal = 0; sigwait(&signals, &signal) == 0 && signal != kFarewell;)
            if (!m_stop.request_stop())
                _exit(static_cast<int>(Ending::Stopped));
    });
}

Interrupt::~Interrupt()
{
    pthread_kill(m_listener.native_handle(), kFarewell);
    m_listener.join();
}

}  // namespace app
