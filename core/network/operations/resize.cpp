// SPDX-License-Identifier: Apache-2.0
// Resize and its older forms: every axis is resampled on its own, each output place from one, two or four input places.
#include "core/network/operations/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace core {

namespace {

struct AxisResize {
    std::int64_t in = 1, out = 1;
    double scale = 1.0;
    double roiBegin = 0.0, roiEnd = 1.0;
};

struct ResizePlan {
    std::vector<AxisResize> axes;
    std::string mode, coordinates, nearest;
    double cubicA = -0.75;
    bool excludesOutside = false;
    double extrapolation = 0.0;
};

bool isResize(const Call& call) { return call.operation().name == "Resize"; }

/// A list operand for all axes, from one that may list only the axes of attribute `axes` (opset 18).
Result<std::vector<double>> perAxis(const Call& call, std::size_t input, double fallback)
{
    const std::size_t rank = call.rank(0);
    CORE_TRY(const std::vector<float> list, call.reals(input));
    const std::vector<std::int64_t> axes = call.attributes().integers("axes");
    if (list.size() != (axes.empty() ? rank : axes.size()))
        return call.problem(fmt::format("{}; a number for each axis is wanted", call.inputText(input)));
    std::vector<double> result(rank, fallback);
    for (std::size_t i = 0; i < list.size(); ++i) {
        std::size_t axis = i;
        if (!axes.empty()) {
            CORE_TRY(axis, call.axis(axes[i], rank));
        }
        result[axis] = static_cast<double>(list[i]);
    }
    return result;
}

Result<std::vector<double>> scalesOf(const Call& call)
{
    if (isResize(call) && call.opset() >= 11)
        return perAxis(call, 2, 1.0);
    if (call.has(1))
        return perAxis(call, 1, 1.0);
    const std::vector<float> list = call.attributes().reals("scales");
    if (list.size() != call.rank(0))
        return call.problem(fmt::format("attribute scales has {} numbers; one for each axis of {} is wanted", list.size(), call.inputText(0)));
    return std::vector<double>(list.begin(), list.end());
}

Result<void> checkModes(const Call& call, const ResizePlan& plan)
{
    const auto isOneOf = [](const std::string& text, std::initializer_list<const char*> list) {
        return std::any_of(list.begin(), list.end(), [&](const char* one) { return text == one; });
    };
    if (!isOneOf(plan.mode, {"nearest", "linear", "cubic"}))
        return call.problem(fmt::format("mode is '{}'; nearest, linear or cubic is wanted", plan.mode));
    if (!isOneOf(plan.coordinates, {"half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric", "tf_half_pixel_for_nn", "tf_crop_and_resize", "half_pixel_symmetric"}))
        return call.problem(fmt::format("coordinate_transformation_mode '{}' is not known", plan.coordinates));
    if (!isOneOf(plan.nearest, {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil", "simple"}))
        return call.problem(fmt::format("nearest_mode '{}' is not known", plan.nearest));
    if (plan.mode != "nearest" && call.type(0) != DataType::Float32 && call.type(0) != DataType::Float64 && call.type(0) != DataType::Float16
        && call.type(0) != DataType::BFloat16)
        return call.problem(fmt::format("{}; mode {} needs floats", call.inputText(0), plan.mode));
    if (call.attributes().integer("antialias", 0) != 0 || call.attributes().text("keep_aspect_ratio_policy", "stretch") != "stretch")
        return call.problem("antialias and keep_aspect_ratio_policy are not known");
    return success();
}

Result<ResizePlan> resizePlan(const Call& call)
{
    const bool isModern = isResize(call) && call.opset() >= 11;
    const Attributes& attributes = call.attributes();
    ResizePlan plan;
    plan.mode = attributes.text("mode", "nearest");
    plan.coordinates = isModern ? attributes.text("coordinate_transformation_mode", "half_pixel") : "asymmetric";
    // Opset 10's Resize left the choice open; it takes the next place when it shrinks, as onnxruntime does.
    plan.nearest = isModern ? attributes.text("nearest_mode", "round_prefer_floor") : isResize(call) ? "simple" : "floor";
    if (!isModern && plan.mode == "bilinear")
        plan.mode = "linear";
    plan.cubicA = static_cast<double>(attributes.real("cubic_coeff_a", -0.75f));
    plan.excludesOutside = attributes.integer("exclude_outside", 0) != 0;
    plan.extrapolation = static_cast<double>(attributes.real("extrapolation_value", 0.0f));
    CORE_TRY(checkModes(call, plan));

    const bool hasSizes = isModern && call.has(3) && product(call.shape(3)) > 0;
    if (!hasSizes && isModern && !call.has(2))
        return call.problem("inputs scales and sizes are both missing");
    std::vector<double> factors;
    if (hasSizes) {
        CORE_TRY(factors, perAxis(call, 3, -1.0));
    } else {
        CORE_TRY(factors, scalesOf(call));
    }
    for (std::size_t axis = 0; axis < factors.size(); ++axis) {
        AxisResize one;
        one.in = call.shape(0)[axis];
        if (!(factors[axis] > 0.0 || (hasSizes && factors[axis] == -1.0)) || factors[axis] > 1e9)
            return call.problem(fmt::format("axis {} is resized by or to {}; a positive number is wanted", axis, factors[axis]));
        one.scale = !hasSizes ? factors[axis] : factors[axis] < 0 ? 1.0 : factors[axis] / static_cast<double>(std::max<std::int64_t>(one.in, 1));
        one.out = !hasSizes ? static_cast<std::int64_t>(std::floor(static_cast<double>(one.in) * one.scale))
                            : factors[axis] < 0 ? one.in : static_cast<std::int64_t>(factors[axis]);
        if (one.in == 0 && one.out > 0)
            return call.problem(fmt::format("axis {} is empty and cannot grow", axis));
        plan.axes.push_back(one);
    }
    if (plan.coordinates == "tf_crop_and_resize") {
        const std::size_t count = attributes.has("axes") ? attributes.integers("axes").size() : factors.size();
        std::vector<float> roi;
        if (call.has(1)) {
            CORE_TRY(roi, call.reals(1));
        }
        const bool isFinite = std::all_of(roi.begin(), roi.end(), [](float place) { return std::isfinite(place); });
        if (attributes.has("axes") || roi.size() != 2 * count || !isFinite)
            return call.problem(fmt::format("input roi has {} numbers; a finite begin and end for every axis are wanted", roi.size()));
        for (std::size_t axis = 0; axis < count; ++axis) {
            plan.axes[axis].roiBegin = static_cast<double>(roi[axis]);
            plan.axes[axis].roiEnd = static_cast<double>(roi[count + axis]);
        }
    }
    return plan;
}

Result<Descriptions> describeResize(const Call& call)
{
    CORE_TRY(const ResizePlan plan, resizePlan(call));
    Shape shape;
    for (const AxisResize& axis : plan.axes)
        shape.push_back(axis.out);
    return oneOutput(call.type(0), std::move(shape));
}

/// Where an output place lies on the input's axis.
double sourceCoordinate(const std::string& mode, const AxisResize& axis, std::int64_t place)
{
    const auto o = static_cast<double>(place), in = static_cast<double>(axis.in), out = in * axis.scale;   // not rounded down
    if (mode == "align_corners")
        return axis.out == 1 ? 0.0 : o * (in - 1) / (out - 1);
    if (mode == "asymmetric")
        return o / axis.scale;
    if (mode == "tf_half_pixel_for_nn")
        return (o + 0.5) / axis.scale;
    if (mode == "tf_crop_and_resize")
        return axis.out > 1 ? axis.roiBegin * (in - 1) + o * (axis.roiEnd - axis.roiBegin) * (in - 1) / (out - 1)
                            : 0.5 * (axis.roiBegin + axis.roiEnd) * (in - 1);
    if (mode == "pytorch_half_pixel" && axis.out == 1)
        return 0.0;
    const double halfPixel = (o + 0.5) / axis.scale - 0.5;
    if (mode == "half_pixel_symmetric")
        return in / 2 * (1 - static_cast<double>(axis.out) / out) + halfPixel;
    return halfPixel;
}

struct Tap { std::int64_t place; double weight; };

std::int64_t nearestPlace(const std::string& mode, double x, double scale)
{
    if (mode == "floor" || (mode == "simple" && scale >= 1.0))
        return static_cast<std::int64_t>(std::floor(x));
    if (mode == "ceil" || mode == "simple")
        return static_cast<std::int64_t>(std::ceil(x));
    return static_cast<std::int64_t>(mode == "round_prefer_ceil" ? std::floor(x + 0.5) : std::ceil(x - 0.5));
}

/// Keys' cubic convolution kernel (IEEE Trans. ASSP 29(6), 1981) with coefficient a.
double cubicWeight(double distance, double a)
{
    const double d = std::abs(distance);
    if (d <= 1)
        return ((a + 2) * d - (a + 3)) * d * d + 1;
    return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0.0;
}

/// The input places an output place is made of, inside the axis; weights add up to 1.
std::vector<Tap> tapsAt(const ResizePlan& plan, const AxisResize& axis, double x)
{
    const auto clamped = [&](std::int64_t place) { return std::clamp<std::int64_t>(place, 0, axis.in - 1); };
    // Beyond the axis nothing but its edge matters; clamping keeps the conversion to an integer defined.
    const double near = std::clamp(x, -4.0, static_cast<double>(axis.in) + 4.0);
    if (plan.mode == "nearest")
        return {{clamped(nearestPlace(plan.nearest, near, axis.scale)), 1.0}};
    const auto base = static_cast<std::int64_t>(std::floor(near));
    const double rest = near - std::floor(near);
    if (plan.mode == "linear")
        return {{clamped(base), 1.0 - rest}, {clamped(base + 1), rest}};
    std::vector<Tap> taps;
    double sum = 0;
    for (std::int64_t k = -1; k <= 2; ++k) {
        const bool isOutside = base + k < 0 || base + k >= axis.in;
        const double weight = plan.excludesOutside && isOutside ? 0.0 : cubicWeight(static_cast<double>(k) - rest, plan.cubicA);
        taps.push_back({clamped(base + k), weight});
        sum += weight;
    }
    for (Tap& tap : taps)
        tap.weight /= sum;
    return taps;
}

/// Resamples one axis; `T` is a float, or for nearest the bits of any element.
template <class T>
void resampleAxis(const T* in, T* out, std::int64_t outer, const AxisResize& axis, std::int64_t block, const std::vector<std::vector<Tap>>& taps)
{
    for (std::int64_t i = 0; i < outer; ++i)
        for (const std::vector<Tap>& places : taps) {
            const T* slab = in + i * axis.in * block;
            if constexpr (std::is_floating_point_v<T>) {
                std::fill_n(out, block, T{0});
                for (const Tap& tap : places)
                    for (std::int64_t k = 0; k < block; ++k)
                        out[k] += static_cast<T>(tap.weight) * slab[tap.place * block + k];
            } else {
                std::copy_n(slab + places.front().place * block, block, out);
            }
            out += block;
        }
}

/// Output places that lie outside the input show the extrapolation value (tf_crop_and_resize).
template <class T>
void extrapolate(std::span<T> out, const Shape& shape, std::size_t axis, const std::vector<bool>& isOutside, T value)
{
    const auto block = static_cast<std::size_t>(product(std::span(shape).subspan(axis + 1)));
    for (std::size_t i = 0; i < out.size(); ++i)
        if (isOutside[i / block % isOutside.size()])
            out[i] = value;
}

Result<void> runResize(const Call& call, Outputs& outputs)
{
    CORE_TRY(const ResizePlan plan, resizePlan(call));
    Tensor current = call.tensor(0);
    std::vector<std::vector<bool>> outside(plan.axes.size());
    for (std::size_t k = 0; k < plan.axes.size(); ++k) {
        const AxisResize& axis = plan.axes[k];
        std::vector<std::vector<Tap>> taps;
        for (std::int64_t place = 0; place < axis.out; ++place) {
            const double x = sourceCoordinate(plan.coordinates, axis, place);
            taps.push_back(tapsAt(plan, axis, x));
            outside[k].push_back(x < 0 || x > static_cast<double>(axis.in - 1));
        }
        Shape shape = current.shape();
        shape[k] = axis.out;
        const std::int64_t outer = product(std::span(shape).first(k)), block = product(std::span(shape).subspan(k + 1));
        Tensor next = Tensor::uninitialized(current.type(), shape);
        if (plan.mode == "nearest")
            visitBits(current.type(), [&]<class Bits>() { resampleAxis(bitsOf<Bits>(current), editBitsOf<Bits>(next), outer, axis, block, taps); });
        else
            visitFloat(current.type(), [&]<class T>() { resampleAxis(current.values<T>().data(), next.edit<T>().data(), outer, axis, block, taps); });
        current = std::move(next);
    }
    if (plan.coordinates == "tf_crop_and_resize")
        visitNumber(current.type(), [&]<class T>() {
            for (std::size_t k = 0; k < plan.axes.size(); ++k)
                if (!outside[k].empty())
                    extrapolate<T>(current.edit<T>(), current.shape(), k, outside[k], static_cast<T>(plan.extrapolation));
        });
    outputs.set(0, std::move(current));
    return success();
}

constexpr Operation kOperations[] = {
    {"Resize", "X:N roi:f? scales:f? sizes:i?", Nature::Computes, describeResize, runResize},
    {"Upsample", "X:N scales:f?", Nature::Computes, describeResize, runResize},
};

}  // namespace

std::span<const Operation> resizeOperations() { return kOperations; }

}  // namespace core
