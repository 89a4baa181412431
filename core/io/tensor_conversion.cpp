// SPDX-License-Identifier: Apache-2.0
#include "core/io/tensor_conversion.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <utility>

namespace core {

namespace {

template <class T>
constexpr bool isWhole = std::is_integral_v<T>;

std::string sampleOf(const Tensor& tensor, std::int64_t element)
{
    const std::int64_t perSample = tensor.rank() == 0 || tensor.dimension(0) == 0 ? 1 : tensor.size() / tensor.dimension(0);
    return fmt::format("sample {}", element / std::max<std::int64_t>(perSample, 1));
}

template <class T>
Result<Tensor> toWholeNumbers(const Tensor& stored)
{
    Tensor result = Tensor::uninitialized(DataType::Int64, stored.shape());
    const auto in = stored.values<T>();
    const auto out = result.edit<std::int64_t>();
    for (std::size_t i = 0; i < in.size(); ++i) {
        if constexpr (std::is_same_v<T, std::uint64_t>)
            if (in[i] > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
                return Problem{sampleOf(stored, static_cast<std::int64_t>(i)), fmt::format("{} is beyond int64", in[i])};
        out[i] = static_cast<std::int64_t>(in[i]);
    }
    return result;
}

template <class T>
Result<Tensor> toFloats(const Tensor& stored)
{
    Tensor result = Tensor::uninitialized(DataType::Float32, stored.shape());
    const auto in = stored.values<T>();
    const auto out = result.edit<float>();
    for (std::size_t i = 0; i < in.size(); ++i) {
        const auto value = static_cast<double>(static_cast<std::conditional_t<std::is_same_v<T, double>, double, float>>(in[i]));
        if (!(std::abs(value) <= static_cast<double>(std::numeric_limits<float>::max())))
            return Problem{sampleOf(stored, static_cast<std::int64_t>(i)),
                           fmt::format("holds {}; wanted finite single-precision numbers", value)};
        out[i] = static_cast<float>(value);
    }
    return result;
}

}  // namespace

Result<Tensor> asStoredSamples(const Tensor& stored)
{
    if (stored.type() == DataType::UInt8)
        return stored;
    return visitType(stored.type(), [&]<class T>() -> Result<Tensor> {
        if constexpr (isWhole<T>)
            return toWholeNumbers<T>(stored);
        else
            return toFloats<T>(stored);
    });
}

Result<std::vector<std::int32_t>> asLabels(const Tensor& stored)
{
    const bool isColumn = stored.rank() == 1 || (stored.rank() == 2 && stored.dimension(1) == 1);
    if (!isColumn)
        return Problem{"labels", fmt::format("have shape {}; wanted one number per sample", shapeText(stored.shape()))};
    std::vector<std::int32_t> labels;
    labels.reserve(static_cast<std::size_t>(stored.size()));
    return visitType(stored.type(), [&]<class T>() -> Result<std::vector<std::int32_t>> {
        if constexpr (!isWhole<T>)
            return Problem{"labels", fmt::format("are {}; wanted whole numbers", dataTypeName(stored.type()))};
        else {
            for (const T element : stored.values<T>()) {
                const auto value = static_cast<std::conditional_t<std::is_same_v<T, bool>, std::uint8_t, T>>(element);
                if (std::cmp_less(value, 0) || std::cmp_greater_equal(value, kMostClasses))
                    return Problem{"labels", fmt::format("sample {} has label {}; wanted 0 to {}", labels.size(), value, kMostClasses - 1)};
                labels.push_back(static_cast<std::int32_t>(value));
            }
            return std::move(labels);
        }
    });
}

}  // namespace core
