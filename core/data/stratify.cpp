// SPDX-License-Identifier: Apache-2.0
#include "core/base/noise.h"
#include "core/data/dataset.h"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <queue>
#include <tuple>

namespace core {

namespace {

/// Fisher-Yates with the numbers of one stream: entry i swaps with one of [0, i].
void shuffle(std::vector<std::int64_t>& indices, const NoiseStream& noise, std::uint32_t stratum)
{
    for (std::size_t i = indices.size(); i-- > 1;) {
        const double u = noise.uniforms({stratum, static_cast<std::uint32_t>(i), 0})[0];
        std::swap(indices[i], indices[std::min(i, static_cast<std::size_t>(u * static_cast<double>(i + 1)))]);
    }
}

/// The indices of each class, shuffled; without labels all samples are one class.
std::vector<std::vector<std::int64_t>> shuffledStrata(const std::vector<std::int32_t>& labels, std::int64_t samples,
                                                      const NoiseStream& noise)
{
    std::map<std::int32_t, std::vector<std::int64_t>> byLabel;
    for (std::int64_t i = 0; i < samples; ++i)
        byLabel[labels.empty() ? 0 : labels[static_cast<std::size_t>(i)]].push_back(i);
    std::vector<std::vector<std::int64_t>> strata;
    for (auto& [label, indices] : byLabel) {
        shuffle(indices, noise, static_cast<std::uint32_t>(strata.size()));
        strata.push_back(std::move(indices));
    }
    return strata;
}

/// Member j (from 0) of a class with M of the N samples. A prefix of length n ought to hold n M / N of the class; to
/// stay within one of it the member must not come before place ceil(j N / M) nor after floor((j + 1) N / M) + 1.
/// Such an order exists (Tijdeman, The chairman assignment problem, Discrete Mathematics 32, 1980), and taking the
/// member with the earliest last place among those allowed finds it.
struct Member {
    std::int64_t first, last;  // places, counted from 1
    std::uint32_t lot;         // decides between equals
    std::size_t stratum;
    std::int64_t rank;  // j
};

struct ComesLater {
    bool operator()(const Member& a, const Member& b) const
    {
        return std::tie(a.last, a.lot, a.stratum) > std::tie(b.last, b.lot, b.stratum);
    }
};

struct OpensLater {
    bool operator()(const Member& a, const Member& b) const { return std::tie(a.first, a.stratum) > std::tie(b.first, b.stratum); }
};

std::vector<std::int64_t> orderBy(const NoiseStream& noise, const std::vector<std::int32_t>& labels, std::int64_t samples)
{
    assert(labels.empty() || static_cast<std::int64_t>(labels.size()) == samples);
    const auto strata = shuffledStrata(labels, samples, noise);
    const auto member = [&](std::size_t stratum, std::int64_t rank) {
        const auto size = static_cast<std::int64_t>(strata[stratum].size());
        const std::uint32_t lot = noise.words({static_cast<std::uint32_t>(stratum), static_cast<std::uint32_t>(rank), 1})[0];
        return Member{(rank * samples + size - 1) / size, (rank + 1) * samples / size + 1, lot, stratum, rank};
    };
    std::priority_queue<Member, std::vector<Member>, OpensLater> waiting;
    std::priority_queue<Member, std::vector<Member>, ComesLater> allowed;
    for (std::size_t stratum = 0; stratum < strata.size(); ++stratum)
        waiting.push(member(stratum, 0));

    std::vector<std::int64_t> order;
    order.reserve(static_cast<std::size_t>(samples));
    for (std::int64_t place = 1; place <= samples; ++place) {
        while (!waiting.empty() && waiting.top().first <= place) {
            allowed.push(waiting.top());
            waiting.pop();
        }
        assert(!allowed.empty());
        const Member next = allowed.top();
        allowed.pop();
        order.push_back(strata[next.stratum][static_cast<std::size_t>(next.rank)]);
        if (next.rank + 1 < static_cast<std::int64_t>(strata[next.stratum].size()))
            waiting.push(member(next.stratum, next.rank + 1));
    }
    return order;
}

}  // namespace

std::vector<std::int64_t> stratifiedOrder(const std::vector<std::int32_t>& labels, std::int64_t samples, std::uint64_t seed)
{
    return orderBy(NoiseStream(seed, NoisePurpose::Shuffle), labels, samples);
}

void splitTrainTest(Dataset& dataset, const Split& all, std::uint64_t seed)
{
    std::vector<std::int64_t> order = orderBy(NoiseStream(seed, NoisePurpose::Split), all.labels, all.samples());
    const auto middle = order.begin() + static_cast<std::ptrdiff_t>(order.size() * 4 / 5);
    std::sort(order.begin(), middle);  // each part keeps the source's order
    std::sort(middle, order.end());
    dataset.splits = {{"train", all.pick({order.begin(), middle})}, {"test", all.pick({middle, order.end()})}};
    dataset.splitByUs = true;
}

}  // namespace core
