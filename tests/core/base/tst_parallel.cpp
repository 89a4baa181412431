// SPDX-License-Identifier: Apache-2.0
// Chunks cover everything once, whoever works on them, and a stop leaves a prefix.
#include "core/base/parallel.h"

#include <QtTest>

#include <atomic>
#include <mutex>
#include <set>
#include <vector>

using namespace core;

class TestParallel : public QObject {
    Q_OBJECT

private slots:
    void everyElementIsInExactlyOneChunk()
    {
        for (const std::size_t count : {1u, 31u, 32u, 33u, 1000u})
            for (const int threads : {0, 1, 2, 8}) {
                std::vector<std::atomic<int>> visits(count);
                forEachChunk(count, 32, threads, [&](const Chunk& chunk) {
                    for (std::size_t i = chunk.begin; i < chunk.end; ++i)
                        ++visits[i];
                    return true;
                });
                for (const auto& visit : visits)
                    QCOMPARE(visit.load(), 1);
            }
    }

    void chunksAreTheSameForAnyNumberOfThreads()
    {
        const auto chunksWith = [](int threads) {
            std::set<std::array<std::size_t, 3>> chunks;
            std::mutex guard;
            forEachChunk(100, 32, threads, [&](const Chunk& chunk) {
                const std::lock_guard lock(guard);
                chunks.insert({chunk.index, chunk.begin, chunk.end});
                return true;
            });
            return chunks;
        };
        const std::set<std::array<std::size_t, 3>> expected{{0, 0, 32}, {1, 32, 64}, {2, 64, 96}, {3, 96, 100}};
        for (const int threads : {1, 2, 8})
            QVERIFY(chunksWith(threads) == expected);
    }

    void nothingToDoCallsNobody()
    {
        for (const int threads : {1, 4})
            forEachChunk(0, 32, threads, [](const Chunk&) {
                qFatal("no chunk exists");
                return true;
            });
    }

    void aStopLeavesAPrefixOfTheChunks()
    {
        for (const int threads : {1, 2, 8}) {
            std::vector<std::atomic<int>> begun(1000);
            forEachChunk(1000, 1, threads, [&](const Chunk& chunk) {
                ++begun[chunk.index];
                return chunk.index < 10;
            });
            std::size_t prefix = 0;
            while (prefix < begun.size() && begun[prefix].load() == 1)
                ++prefix;
            QCOMPARE_GE(prefix, std::size_t{11});
            QCOMPARE_LE(prefix, std::size_t{11} + static_cast<std::size_t>(threads) * 64);   // those already begun may end
            for (std::size_t i = prefix; i < begun.size(); ++i)
                QCOMPARE(begun[i].load(), 0);
            if (threads == 1)
                QCOMPARE(prefix, std::size_t{11});
        }
    }

    void thereIsAtLeastOneThread() { QCOMPARE_GE(hardwareThreads(), 1); }
};

QTEST_APPLESS_MAIN(TestParallel)
#include "tst_parallel.moc"
