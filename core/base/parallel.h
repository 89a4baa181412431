// SPDX-License-Identifier: Apache-2.0
#pragma once
// Work over chunks of a fixed size, so that results do not depend on how many threads share it.

#include <cstddef>
#include <functional>

namespace core {

struct Chunk {
    std::size_t index;   // which chunk
    std::size_t begin;   // first element
    std::size_t end;     // one past the last
};

/// Calls work(chunk) for every chunk of [0, count), on at most `threads` threads (0: all of the machine's cores).
/// Chunks start in ascending order. work returns false to ask for no further chunks; those already begun end.
/// What work writes must belong to its chunk alone; reduce over chunk.index afterwards.
void forEachChunk(std::size_t count, std::size_t chunkSize, int threads, const std::function<bool(const Chunk&)>& work);

int hardwareThreads();

}  // namespace core
