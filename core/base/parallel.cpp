// SPDX-License-Identifier: Apache-2.0
#include "core/base/parallel.h"

#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <cassert>

namespace core {

void forEachChunk(std::size_t count, std::size_t chunkSize, int threads, const std::function<bool(const Chunk&)>& work)
{
    assert(chunkSize > 0);
    const std::size_t chunkCount = (count + chunkSize - 1) / chunkSize;
    // More workers than cores gain nothing, and TBB would say on standard error that it has no such threads.
    const int workers = threads > 0 ? std::min(threads, tbb::info::default_concurrency()) : hardwareThreads();
    std::atomic<std::size_t> next{0};
    std::atomic<bool> wanted{true};
    // A worker takes the lowest chunk nobody has begun, so a stopped run covers a prefix of the samples.
    const auto takeChunks = [&] {
        while (wanted.load(std::memory_order_relaxed)) {
            const std::size_t index = next.fetch_add(1);
            if (index >= chunkCount)
                return;
            if (!work(Chunk{index, index * chunkSize, std::min(count, (index + 1) * chunkSize)}))
                wanted.store(false);
        }
    };
    if (workers == 1 || chunkCount <= 1) {
        takeChunks();
        return;
    }
    tbb::task_arena arena(workers);
    arena.execute([&] {
        tbb::parallel_for(0, workers, [&](int) { takeChunks(); }, tbb::simple_partitioner{});
    });
}

int hardwareThreads() { return std::max(1, tbb::this_task_arena::max_concurrency()); }

}  // namespace core
