// SPDX-License-Identifier: Apache-2.0
#include "core/io/onnx_reader.h"

#include "core/base/hash.h"
#include "core/io/file_source.h"
#include "core/io/onnx_graph.h"
#include "core/io/onnx_tensor.h"

#include <onnx/onnx_pb.h>

namespace core {

namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 29;

template <class Proto>
Result<Proto> parse(const std::string& bytes, const char* what)
{
    Proto proto;
    if (!proto.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
        return Problem{"", std::string("the bytes are no ") + what + ", or the file is cut off"};
    return proto;
}

Result<Network> networkFromText(const std::string& bytes, const std::filesystem::path& folder, RefusedNodes refused)
{
    if (bytes.empty())
        return Problem{"", "the file is empty; an ONNX model is wanted"};
    CORE_TRY(const auto model, parse<onnx::ModelProto>(bytes, "ONNX model"));
    CORE_TRY(Network network, networkFromProto(model, folder, refused));
    network.hash = Hasher().bytes(std::as_bytes(std::span(bytes))).textValue();
    return network;
}

}  // namespace

Result<Network> readOnnx(const std::filesystem::path& file, RefusedNodes refused)
{
    const Result<std::string> bytes = readText(file, kLargestFile);
    if (!bytes)
        return bytes.error().within(file.string());
    Result<Network> network = networkFromText(bytes.value(), file.parent_path(), refused);
    if (!network)
        return network.error().within(file.string());
    if (network.value().name.empty())
        network.value().name = file.stem().string();
    return network;
}

Result<Tensor> readTensorFile(const std::filesystem::path& file)
{
    const Result<std::string> bytes = readText(file, kLargestFile);
    if (!bytes)
        return bytes.error().within(file.string());
    const Result<onnx::TensorProto> proto = parse<onnx::TensorProto>(bytes.value(), "ONNX tensor");
    if (!proto)
        return proto.error().within(file.string());
    Result<Tensor> tensor = tensorFromProto(proto.value(), file.parent_path());
    if (!tensor)
        return tensor.error().within(file.string());
    return tensor;
}

}  // namespace core
