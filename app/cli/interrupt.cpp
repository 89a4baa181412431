// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/interrupt.h"

#include "app/cli/verbs.h"

#include <cerrno>
#include <csignal>

#include <semaphore.h>
#include <unistd.h>

namespace app {
namespace {

// A handler must not ask a stop source, which runs callbacks; it may post a semaphore, and a thread that waits for it may
// ask. (Blocking the signals and waiting for them instead would need every thread to block them, and libraries start
// threads of their own before main.)
sem_t heard;

void hear(int /*signal*/)
{
    const int kept = errno;
    sem_post(&heard);
    errno = kept;
}

void handle(void (*handler)(int))
{
    struct sigaction action = {};
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    for (const int signal : {SIGINT, SIGTERM})
        sigaction(signal, &action, nullptr);
}

}  // namespace

Interrupt::Interrupt()
{
    sem_init(&heard, 0, 0);
    m_listener = std::thread(&Interrupt::listen, this);
    handle(hear);
}

Interrupt::~Interrupt()
{
    handle(SIG_DFL);
    m_farewell = true;
    sem_post(&heard);
    m_listener.join();
    sem_destroy(&heard);
}

void Interrupt::listen()
{
    while (true) {
        while (sem_wait(&heard) != 0) {}  // woken without a post: waits on
        if (m_farewell)
            return;
        if (!m_stop.request_stop())
            _exit(static_cast<int>(Ending::Stopped));
    }
}

}  // namespace app
